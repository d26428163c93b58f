#include "cli/command_line.h"

#include <cstdlib>
#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/config/load.h"
#include "common/config/options.h"
#include "common/report/names.h"

namespace mailhaul::cli {
namespace {

using config::Audience;

constexpr char kIntroduction[] =
    "Moves mailboxes from one mail service to another: a CSV of mailboxes goes in, every message\n"
    "arrives on the other side over IMAP, and a report says what happened to each.\n";

constexpr char kFooter[] = R"(
One machine, one command:
  mailhaul run jobs.csv               everything in this process; go on after a stop: same command

Many machines:
  mailhaul coordinator                takes submissions, shows progress
  mailhaul worker                     copies; start as many as you like
  mailhaul submit jobs.csv            hand in a CSV, get a batch
  mailhaul watch 1                    live view of batch 1
  mailhaul report 1 -o csv            what became of every folder of batch 1

Exit codes:
  0  all well
  1  it ran, but a mailbox failed or was cancelled, or messages failed or were skipped
  2  bad input: the command line, the CSV, or a name that names nothing
  3  the coordinator or Redis could not be reached, or an address could not be had
  4  anything else
  130  interrupted

"mailhaul VERB --help" explains a verb. Every setting can also stand in a YAML file (--config) or in
the environment.)";

struct VerbText {
  Verb verb;
  const char* name;
  const char* summary;
  const char* examples;
  Audience audience;
};

constexpr VerbText kVerbs[] = {
    {Verb::kRun, "run", "move the mailboxes of a CSV, everything in this one process",
     "Examples:\n"
     "  mailhaul run jobs.csv\n"
     "  mailhaul run jobs.csv --worker-jobs 4 --caps 'src:o365:*=5'\n"
     "  mailhaul run jobs.csv -o json > report.json\n\n"
     "Starts a private Redis, copies, shows progress, prints the report. Stopped in the middle,\n"
     "or killed, the same command goes on where it was. Once every mailbox has ended, it starts "
     "over:\n"
     "messages that were copied before are then copied again.",
     config::kRun},
    {Verb::kCoordinator, "coordinator", "serve the API: submissions, progress, reports",
     "Example:\n  mailhaul coordinator --redis-address redis:6379 --grpc-listen 0.0.0.0:7400",
     config::kCoordinator},
    {Verb::kWorker, "worker", "copy mailboxes that were submitted",
     "Example:\n"
     "  mailhaul worker --redis-address redis:6379 --coordinator coordinator:7400 --worker-jobs "
     "16\n\n"
     "SIGTERM: stores progress, hands its jobs back and leaves.",
     config::kWorker},
    {Verb::kSubmit, "submit", "hand in a CSV; nothing is queued if any row is bad",
     "Examples:\n"
     "  mailhaul submit jobs.csv --name 'finance, first pass'\n"
     "  mailhaul submit jobs.csv --check\n\n"
     "Prints the batch it made. With --request-id, repeating it is safe: the same file under the\n"
     "same id is the same batch.",
     config::kClient},
    {Verb::kList, "list", "list batches, the newest first", "Example:\n  mailhaul list --limit 5",
     config::kClient},
    {Verb::kStatus, "status", "show a batch and its jobs as they are now",
     "Examples:\n"
     "  mailhaul status 1\n"
     "  mailhaul status 1 --state failed --state waiting\n"
     "  mailhaul status 1 --user anna@example.com",
     config::kClient},
    {Verb::kWatch, "watch", "follow a batch until it ends",
     "Example:\n  mailhaul watch 1\n\n"
     "A live table on a terminal, plain lines elsewhere.",
     config::kClient},
    {Verb::kReport, "report", "what became of every mailbox and folder of a batch, or of one job",
     "Examples:\n"
     "  mailhaul report 1\n"
     "  mailhaul report 1/3              job 3 of batch 1, which is row 3 of the CSV\n"
     "  mailhaul report 1 -o csv > report.csv",
     config::kClient},
    {Verb::kCancel, "cancel", "cancel a batch, or one job of it",
     "Examples:\n"
     "  mailhaul cancel 1\n"
     "  mailhaul cancel 1/3              job 3 of batch 1\n\n"
     "What was copied stays. Jobs that run end within seconds.",
     config::kClient},
};

// ~/.local/state/mailhaul, or where the XDG base directories have it.
std::string DefaultStateDir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return absl::StrCat(state, "/mailhaul");
  }
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "" : home, "/.local/state/mailhaul");
}

// "7", "7/42" and the API's own names. Empty when it is none of these.
std::string ResourceName(absl::string_view text, bool job_allowed) {
  if (absl::StartsWith(text, "batches/")) {
    return !job_allowed && absl::StrContains(text, "/jobs/") ? "" : std::string(text);
  }
  const std::vector<std::string> numbers = absl::StrSplit(text, '/');
  uint32_t number = 0;
  if (numbers.size() > (job_allowed ? 2u : 1u)) return "";
  for (const std::string& part : numbers) {
    if (!absl::SimpleAtoi(part, &number) || number == 0) return "";
  }
  return numbers.size() == 1 ? absl::StrCat("batches/", numbers[0])
                             : absl::StrCat("batches/", numbers[0], "/jobs/", numbers[1]);
}

// The servers tell what they do; a command's own words should not drown in it.
config::Settings DefaultsOf(Verb verb) {
  config::Settings settings;
  const bool server = verb == Verb::kCoordinator || verb == Verb::kWorker;
  if (!server) settings.log_level = log::Level::kError;
  return settings;
}

// Says so when the first word is no verb: CLI11 itself would ask for one.
std::optional<std::string> UnknownVerb(int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> names;
  for (const VerbText& verb : kVerbs) {
    if (absl::string_view(verb.name) == argv[1]) return std::nullopt;
    names.emplace_back(verb.name);
  }
  return absl::StrCat("no verb \"", argv[1], "\"; the nearest is \"",
                      names[NearestWord(argv[1], names)], "\"");
}

// Collects what CLI11 finds; turned into an Invocation afterwards.
class Parser {
 public:
  Parser() : app_(kIntroduction, "mailhaul") {
    app_.footer(kFooter);
    app_.set_version_flag("--version", "mailhaul " MAILHAUL_VERSION);
    app_.require_subcommand(1);
    app_.get_formatter()->column_width(36);
    app_.get_formatter()->label("SUBCOMMAND", "VERB");
    app_.get_formatter()->label("Subcommands", "Verbs");
    for (const VerbText& verb : kVerbs) Add(verb);
  }

  CLI::App& app() { return app_; }

  // After app().parse(). INVALID_ARGUMENT says what is wrong.
  absl::StatusOr<Invocation> Take() {
    if (!name_.empty() || Names(invocation_.verb)) {
      const bool job_allowed =
          invocation_.verb == Verb::kReport || invocation_.verb == Verb::kCancel;
      invocation_.name = ResourceName(name_, job_allowed);
      if (invocation_.name.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"", name_, "\" is no batch", job_allowed ? " and no job" : "",
                         "; allowed: its number, as in \"7\"",
                         job_allowed ? ", or batch/job as in \"7/42\"" : ""));
      }
    }
    for (const std::string& word : states_) {
      const v1::JobState state = report::ParseJobState(word);
      if (state == v1::JOB_STATE_UNSPECIFIED) {
        return absl::InvalidArgumentError(
            absl::StrCat("--state: no such state; allowed: queued, running, waiting, succeeded, "
                         "succeeded_with_skips, failed, cancelled"));
      }
      invocation_.states.push_back(state);
    }
    absl::StatusOr<config::Settings> settings = config::Load(
        config_file_, &config::ProcessEnvironment, given_, DefaultsOf(invocation_.verb));
    if (!settings.ok()) return settings.status();
    invocation_.settings = *std::move(settings);
    return std::move(invocation_);
  }

 private:
  static bool Names(Verb verb) {
    return verb == Verb::kStatus || verb == Verb::kWatch || verb == Verb::kReport ||
           verb == Verb::kCancel;
  }

  void Add(const VerbText& text) {
    CLI::App& verb = *app_.add_subcommand(text.name, text.summary);
    verb.footer(absl::StrCat("\n", text.examples));
    verb.get_formatter()->column_width(36);
    verb.parse_complete_callback([this, kind = text.verb] { invocation_.verb = kind; });
    AddOwn(text.verb, verb);
    verb.add_option("--config", config_file_, "YAML file with settings")
        ->type_name("FILE")
        ->group("Settings");
    const config::Settings defaults = DefaultsOf(text.verb);
    for (const config::Option& option : config::Options()) {
      if ((option.audience & text.audience) != 0) AddSetting(option, defaults, verb);
    }
  }

  void AddOwn(Verb kind, CLI::App& verb) {
    Invocation& in = invocation_;
    if (kind == Verb::kRun || kind == Verb::kSubmit) {
      verb.add_option("FILE", in.file,
                      "CSV with one mailbox pair per row; docs/csv.md describes it")
          ->required()
          ->type_name("");
      verb.add_option("--name", in.display_name, "a name for the batch")->type_name("TEXT");
    }
    if (Names(kind)) {
      verb.add_option("NAME", name_,
                      kind == Verb::kReport || kind == Verb::kCancel
                          ? "a batch, as in 7, or a job, as in 7/42"
                          : "a batch, as in 7")
          ->required()
          ->type_name("");
    }
    if (kind == Verb::kRun) {
      in.state_dir = DefaultStateDir();
      verb.add_option("--state-dir", in.state_dir, "where progress is kept")
          ->type_name("FOLDER")
          ->capture_default_str();
    }
    if (kind == Verb::kSubmit) {
      verb.add_option("--request-id", in.request_id, "id of this submission, to repeat it safely")
          ->type_name("ID");
      verb.add_flag("--check", in.check_only, "only check the CSV, queue nothing");
    }
    if (kind == Verb::kList || kind == Verb::kStatus) {
      in.limit = 100;
      verb.add_option("--limit", in.limit, "show at most this many; 0: all")
          ->type_name("N")
          ->check(CLI::NonNegativeNumber)
          ->capture_default_str();
    }
    if (kind == Verb::kStatus) {
      verb.add_option("--state", states_, "only jobs in this state; may be repeated")
          ->type_name("STATE");
      verb.add_option("--user", in.user, "only jobs with this in a login name")->type_name("TEXT");
    }
    if (kind != Verb::kCoordinator && kind != Verb::kWorker) AddOutput(kind, verb);
  }

  void AddOutput(Verb kind, CLI::App& verb) {
    const bool csv = kind == Verb::kReport;
    std::vector<std::string> words = {"table", "json"};
    if (csv) words.push_back("csv");
    verb.add_option_function<std::string>(
            "-o,--output",
            [this](const std::string& word) {
              invocation_.output = word == "json"  ? Output::kJson
                                   : word == "csv" ? Output::kCsv
                                                   : Output::kTable;
            },
            csv ? "table, csv or json" : "table or json")
        ->type_name("FORMAT")
        ->default_str("table")
        ->check(CLI::IsMember(words), "allowed");
  }

  void AddSetting(const config::Option& option, const config::Settings& defaults, CLI::App& verb) {
    const std::string key(option.key);
    const std::string flag = option.Flag();
    std::string help = absl::StrCat(option.meaning, " [", option.Environment(), "]");
    if (option.IsSwitch()) {
      verb.add_flag_callback(
              flag, [this, key, flag] { given_.push_back({key, "true", flag}); }, help)
          ->group("Settings");
      return;
    }
    verb.add_option_function<std::string>(
            flag,
            [this, key, flag](const std::string& value) { given_.push_back({key, value, flag}); },
            help)
        ->type_name(std::string(option.value))
        ->default_str(option.get(defaults))
        ->group("Settings");
  }

  CLI::App app_;
  Invocation invocation_;
  std::string name_;
  std::string config_file_;
  std::vector<std::string> states_;
  std::vector<config::Given> given_;
};

}  // namespace

std::variant<Invocation, ExitCode> ParseCommandLine(int argc, const char* const* argv,
                                                    std::ostream& out, std::ostream& err) {
  if (const auto unknown = UnknownVerb(argc, argv)) {
    err << "mailhaul: " << *unknown << "; --help lists them all\n";
    return kBadInput;
  }
  Parser parser;
  if (argc < 2) {
    err << parser.app().help();
    return kBadInput;
  }
  try {
    parser.app().parse(argc, argv);
  } catch (const CLI::ParseError& end) {  // CLI11 tells --help and faults alike by throwing
    const bool fine = end.get_exit_code() == 0;
    if (fine) {
      parser.app().exit(end, out, err);
      return kAllWell;
    }
    err << "mailhaul: " << end.what() << "; --help explains\n";
    return kBadInput;
  }
  absl::StatusOr<Invocation> invocation = parser.Take();
  if (invocation.ok()) return *std::move(invocation);
  err << "mailhaul: " << invocation.status().message() << '\n';
  return ExitCodeOf(invocation.status());
}

}  // namespace mailhaul::cli
