#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/config/document.h"
#include "common/config/load.h"
#include "common/config/options.h"
#include "common/config/secret_file.h"
#include "common/config/values.h"
#include "common/config/yaml_file.h"

namespace mailhaul::config {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// For the files that tests write; it goes when the last of them has run.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(testing::TempDir() + "/mailhaul-config-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string WriteFile(absl::string_view name, absl::string_view text) {
  static const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/", name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

absl::StatusOr<Settings> LoadFrom(absl::string_view yaml,
                                  std::map<std::string, std::string> environment,
                                  std::vector<Given> flags) {
  const std::string file = yaml.empty() ? "" : WriteFile("mailhaul.yaml", yaml);
  const auto read = [&environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  return Load(file, read, flags);
}

Given Flag(std::string key, std::string value) {
  return {key, std::move(value), FindOption(key) ? FindOption(key)->Flag() : "--" + key};
}

std::vector<std::string> FaultsOf(const absl::StatusOr<Settings>& loaded) {
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
  return absl::StrSplit(std::string(loaded.status().message()), '\n');
}

// ---- the table ----

TEST(OptionsTest, EveryDefaultIsAllowedAndComesBackTheSame) {
  for (const Option& option : Options()) {
    Settings settings;
    EXPECT_TRUE(option.set(settings, option.Default())) << option.key;
    EXPECT_EQ(option.get(settings), option.Default()) << option.key;
  }
}

TEST(OptionsTest, NamesAreUniqueAndSafeFromKubernetes) {
  std::set<std::string> names;
  for (const Option& option : Options()) {
    EXPECT_TRUE(names.insert(option.Flag()).second) << option.key;
    EXPECT_TRUE(names.insert(option.Environment()).second) << option.key;
    EXPECT_FALSE(absl::EndsWith(option.Environment(), "_PORT")) << option.key;
    EXPECT_FALSE(absl::EndsWith(option.Environment(), "_HOST")) << option.key;
    EXPECT_FALSE(option.meaning.empty()) << option.key;
    EXPECT_FALSE(option.allowed.empty()) << option.key;
    EXPECT_NE(option.audience, 0u) << option.key;
  }
}

TEST(OptionsTest, FlagAndVariableFollowFromTheKey) {
  const Option& option = *FindOption("redis.password_file");
  EXPECT_EQ(option.Flag(), "--redis-password-file");
  EXPECT_EQ(option.Environment(), "MAILHAUL_REDIS_PASSWORD_FILE");
  EXPECT_TRUE(FindOption("redis.tls")->IsSwitch());
  EXPECT_EQ(FindOption("redis.passwordfile"), nullptr);
}

TEST(OptionsTest, EveryOptionReachesASettingOfItsOwn) {
  const std::map<std::string, std::string> other = {{"redis.address", "unix:/r"},
                                                    {"redis.tls", "true"},
                                                    {"redis.user", "u"},
                                                    {"redis.password_file", "/p"},
                                                    {"queue", "q"},
                                                    {"lease", "3s"},
                                                    {"grpc.listen", "0.0.0.0:1"},
                                                    {"http.listen", "0.0.0.0:2"},
                                                    {"coordinator", "c:3"},
                                                    {"worker.id", "w"},
                                                    {"worker.jobs", "3"},
                                                    {"worker.grace", "1s"},
                                                    {"ca_file", "/ca"},
                                                    {"caps", "src:*=1"},
                                                    {"timeouts.connect", "2s"},
                                                    {"timeouts.command", "3s"},
                                                    {"log.level", "debug"},
                                                    {"log.format", "json"}};
  for (const Option& option : Options()) {
    const auto value = other.find(std::string(option.key));
    ASSERT_NE(value, other.end()) << "give this test a value for " << option.key;
    Settings settings;
    ASSERT_TRUE(option.set(settings, value->second)) << option.key;
    for (const Option& each : Options()) {
      EXPECT_EQ(each.get(settings), each.key == option.key ? value->second : each.Default())
          << option.key << " changed " << each.key;
    }
  }
}

TEST(OptionsTest, ALeaseIsNeitherTooShortToRenewNorTooLongToWaitFor) {
  Settings settings;
  for (const char* const bad : {"1999ms", "10m1s", "20"}) {
    EXPECT_FALSE(FindOption("lease")->set(settings, bad)) << bad;
  }
  for (const char* const good : {"2s", "10m"}) {
    EXPECT_TRUE(FindOption("lease")->set(settings, good)) << good;
  }
}

TEST(DocumentTest, TheDocumentationHasTheTableOfThisProgram) {
  std::ifstream in(absl::StrCat(MAILHAUL_SOURCE_DIR, "/docs/configuration.md"));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(absl::StrContains(text, OptionsAsMarkdown()))
      << "docs/configuration.md should hold:\n"
      << OptionsAsMarkdown();
}

// ---- the layers ----

TEST(LoadTest, GivesTheDefaultsWhenNothingIsSaid) {
  const auto settings = LoadFrom("", {}, {});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->redis_address, "127.0.0.1:6379");
  EXPECT_EQ(settings->worker_jobs, 8);
  EXPECT_EQ(settings->connect_timeout, milliseconds(30'000));
  EXPECT_EQ(settings->command_timeout, milliseconds(300'000));
}

TEST(LoadTest, FlagsBeatTheEnvironmentTheEnvironmentBeatsTheFileTheFileBeatsTheDefaults) {
  const auto settings =
      LoadFrom("queue: file\nworker: {id: file, jobs: 2}\nlog: {level: debug}\n",
               {{"MAILHAUL_QUEUE", "environment"}, {"MAILHAUL_WORKER_ID", "environment"}},
               {Flag("queue", "flag")});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->queue, "flag");
  EXPECT_EQ(settings->worker_id, "environment");
  EXPECT_EQ(settings->worker_jobs, 2);
  EXPECT_EQ(settings->log_level, log::Level::kDebug);
  EXPECT_EQ(settings->log_format, log::Format::kText);
}

TEST(LoadTest, TheFileMayBeNamedByTheEnvironment) {
  const std::string file = WriteFile("named.yaml", "queue: named\n");
  EXPECT_EQ(LoadFrom("", {{"MAILHAUL_CONFIG", file}}, {})->queue, "named");
}

TEST(LoadTest, AnEmptyVariableCountsAsNotSet) {
  EXPECT_EQ(LoadFrom("", {{"MAILHAUL_QUEUE", ""}, {"MAILHAUL_CONFIG", ""}}, {})->queue, "default");
}

TEST(LoadTest, ReadsCapsAsAMapAListOrText) {
  const std::vector<provider::CapOverride> expected = {{"src:o365:*", 5}, {"dst:imap:h:993", 20}};
  EXPECT_EQ(LoadFrom("caps:\n  src:o365:*: 5\n  dst:imap:h:993: 20\n", {}, {})->caps, expected);
  EXPECT_EQ(LoadFrom("caps: ['src:o365:*=5', 'dst:imap:h:993=20']\n", {}, {})->caps, expected);
  EXPECT_EQ(LoadFrom("", {{"MAILHAUL_CAPS", "src:o365:*=5, dst:imap:h:993=20"}}, {})->caps,
            expected);
  EXPECT_THAT(LoadFrom("caps: {}\n", {}, {{"caps", "", "--caps"}})->caps, IsEmpty());
}

TEST(LoadTest, ReportsEveryFaultOfEveryLayerAtOnce) {
  const auto loaded = LoadFrom("redis:\n  adress: x\n  tls: perhaps\nworkers: 3\n",
                               {{"MAILHAUL_WORKER_JOBS", "many"}},
                               {Flag("timeouts.connect", "-1s"), Flag("worker.id", "ok")});
  EXPECT_THAT(
      FaultsOf(loaded),
      ElementsAre(
          AllOf(HasSubstr("mailhaul.yaml line 2, redis.adress: no such setting; the nearest is "
                          "\"redis.address\"")),
          HasSubstr("line 3, redis.tls: not a valid value; allowed: true or false"),
          HasSubstr("line 4, workers: no such setting; the nearest is \"worker."),
          "MAILHAUL_WORKER_JOBS: not a valid value; allowed: 1 to 1000",
          "--timeouts-connect: not a valid value; allowed: a time such as 500ms, 30s or 5m, at "
          "most 24h"));
}

TEST(LoadTest, NeverRepeatsAValue) {
  const auto loaded = LoadFrom("redis: {address: 'redis://user:S3cret@host', password: S3cret}\n",
                               {{"MAILHAUL_LOG_LEVEL", "S3cret"}}, {});
  EXPECT_EQ(FaultsOf(loaded).size(), 3u);
  EXPECT_THAT(std::string(loaded.status().message()), Not(HasSubstr("S3cret")));
}

TEST(LoadTest, SaysWhichFileCannotBeRead) {
  const auto read_nothing = [](const std::string&) -> std::optional<std::string> {
    return std::nullopt;
  };
  EXPECT_THAT(FaultsOf(Load("/no/such/file.yaml", read_nothing, {})),
              ElementsAre("/no/such/file.yaml: cannot be read"));
  EXPECT_THAT(FaultsOf(Load(testing::TempDir(), read_nothing, {})),
              ElementsAre(HasSubstr("cannot be read")));
}

// ---- YAML ----

TEST(YamlTest, SaysOnWhichLineADocumentIsBroken) {
  const auto given = ParseYaml("queue: a\nlog: [unclosed\n", "f.yaml");
  EXPECT_THAT(std::string(given.status().message()), HasSubstr("f.yaml line 3: not YAML: "));
  EXPECT_THAT(std::string(ParseYaml("- a\n- b\n", "f.yaml").status().message()),
              HasSubstr("f.yaml: not a map of settings"));
}

TEST(YamlTest, AnEmptyDocumentSaysNothing) {
  EXPECT_THAT(*ParseYaml("", "f"), IsEmpty());
  EXPECT_THAT(*ParseYaml("# nothing\n", "f"), IsEmpty());
}

TEST(YamlTest, SurvivesHostileDocuments) {
  for (const std::string& text :
       {std::string(2000, '['), std::string("a: &a [*a]\n"), std::string("? {x: y}\n: z\n"),
        std::string("\0\xFF", 2), std::string("a: {b: {c: {d: {e: {f: g}}}}}\n"),
        std::string("a: !!binary x\n"), std::string("%YAML 9\n---\n")}) {
    (void)ParseYaml(text, "f");
  }
}

// ---- values ----

TEST(ValuesTest, KnowsAddresses) {
  for (const char* text : {"host:1", "127.0.0.1:7400", "[::1]:65535", "a-b_c.d:22"}) {
    EXPECT_TRUE(IsHostPort(text, 1)) << text;
  }
  for (const char* text : {"", "host", ":1", "host:", "host:0", "host:65536", "host:1x", "::1:1x",
                           "a b:1", "http://h:1"}) {
    EXPECT_FALSE(IsHostPort(text, 1)) << text;
  }
  EXPECT_TRUE(IsHostPort("host:0", 0));
  EXPECT_TRUE(IsUnixAddress("unix:/run/x.sock"));
  for (const char* text : {"unix:", "unix:/", "unix:x", "/run/x.sock"})
    EXPECT_FALSE(IsUnixAddress(text)) << text;
  for (const char* text :
       {"h", "h:1", "redis://h", "redis://h:1", "rediss://h:1/2", "redis://h/", "unix:/r"}) {
    EXPECT_TRUE(IsRedisAddress(text)) << text;
  }
  for (const char* text :
       {"", "redis://", "redis://u:p@h", "h/1", "redis://h/x", "redis://h:0", "http://h"}) {
    EXPECT_FALSE(IsRedisAddress(text)) << text;
  }
}

TEST(ValuesTest, KnowsTimes) {
  EXPECT_EQ(ParseTime("500ms"), milliseconds(500));
  EXPECT_EQ(ParseTime("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(FormatTime(milliseconds(300'000)), "5m");
  for (const char* text : {"", "30", "0s", "-1s", "25h", "inf", "1 s", "1us"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(ValuesTest, KnowsSwitchesAndNames) {
  for (const char* text : {"true", "Yes", "on", "1"}) EXPECT_EQ(ParseSwitch(text), true) << text;
  for (const char* text : {"FALSE", "no", "off", "0"}) EXPECT_EQ(ParseSwitch(text), false) << text;
  for (const char* text : {"", "perhaps", "2"}) EXPECT_EQ(ParseSwitch(text), std::nullopt) << text;
  EXPECT_TRUE(IsName("worker-1.pod_a"));
  for (const std::string& text :
       {std::string(), std::string("a b"), std::string("a{b}"), std::string(65, 'a')}) {
    EXPECT_FALSE(IsName(text)) << text;
  }
}

TEST(ValuesTest, KnowsCaps) {
  EXPECT_THAT(*ParseCaps("src:*=1,a=1000000"), ElementsAre(provider::CapOverride{"src:*", 1},
                                                           provider::CapOverride{"a", 1'000'000}));
  for (const char* text : {"src:*", "=1", "a=", "a=0", "a=-1", "a=1000001", "a=x", "a=1,", ","}) {
    EXPECT_EQ(ParseCaps(text), std::nullopt) << text;
  }
}

// ---- secrets ----

TEST(SecretFileTest, TakesTheFirstLineWithoutItsEnd) {
  EXPECT_EQ(ReadSecretFile(WriteFile("lf", "S3cret \nmore\n"))->Reveal(), "S3cret ");
  EXPECT_EQ(ReadSecretFile(WriteFile("crlf", "S3cret\r\n"))->Reveal(), "S3cret");
  EXPECT_EQ(ReadSecretFile(WriteFile("bare", "S3cret"))->Reveal(), "S3cret");
}

TEST(SecretFileTest, SaysWhatIsWrongWithTheFile) {
  EXPECT_EQ(ReadSecretFile("/no/such/file").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSecretFile(WriteFile("empty", "\nS3cret")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mailhaul::config
