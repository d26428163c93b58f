#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "cli/commands.h"
#include "cli/local_services.h"
#include "cli/private_redis.h"
#include "cli/state_dir.h"
#include "common/base/status.h"
#include "common/queue/lease_times.h"

namespace mailhaul::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Redis reads a million jobs back in seconds.
constexpr std::chrono::minutes kRedisStart{2};
constexpr std::chrono::milliseconds kBetweenPings{5};
constexpr char kApiSocket[] = "api.sock";

// SHA-256 in hex. INVALID_ARGUMENT when the file cannot be read.
absl::StatusOr<std::string> DigestOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  std::array<char, 65536> chunk;
  while (file.read(chunk.data(), chunk.size()) || file.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), chunk.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.eof() || file.bad()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  std::array<char, EVP_MAX_MD_SIZE> sum{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(sum.data()), &size);
  return absl::BytesToHexString(absl::string_view(sum.data(), size));
}

// The settings of a process that has everything inside.
config::Settings InsideSettings(config::Settings settings, const StateDir& dir,
                                const PrivateRedis& redis, const std::string& digest) {
  settings.redis_address = redis.address();
  settings.redis_tls = false;
  settings.redis_user.clear();
  settings.redis_password_file.clear();
  // A queue for each CSV: what another file has left unfinished stays where it is.
  settings.queue = absl::StrCat("run-", digest.substr(0, 16));
  settings.grpc_listen = absl::StrCat("unix:", dir.ShortPath(kApiSocket));
  settings.coordinator = settings.grpc_listen;
  return settings;
}

// Until Redis has read its file and answers.
absl::Status AwaitRedis(LocalServices& services, PrivateRedis& redis) {
  const auto until = SteadyClock::now() + kRedisStart;
  for (;;) {
    const absl::Status answer = services.Ping();
    if (answer.ok()) return answer;
    RETURN_IF_ERROR(redis.Alive());
    if (SteadyClock::now() >= until) return answer;
    std::this_thread::sleep_for(kBetweenPings);
  }
}

// The file's unfinished batch, or a new one if there is none: passes over a file are numbered, and
// no worker runs yet that could end one at once.
absl::StatusOr<v1::Batch> SubmitOrGoOn(Client& client, const Invocation& invocation,
                                       const std::string& digest) {
  v1::CreateBatchRequest::Header header;
  header.set_display_name(invocation.display_name);
  for (int pass = 1;; ++pass) {
    header.set_request_id(absl::StrCat("run-", digest, "-", pass));
    absl::StatusOr<v1::Batch> batch = client.CreateBatch(header, invocation.file);
    // Under another --name the pass is another one.
    const bool taken = absl::IsAlreadyExists(batch.status()) ||
                       (batch.ok() && batch->state() == v1::BATCH_STATE_ENDED);
    if (!taken) return batch;
  }
}

absl::StatusOr<bool> MoveAll(Client& client, LocalServices& services, const Invocation& invocation,
                             const std::string& digest, Streams streams) {
  ASSIGN_OR_RETURN(v1::Batch batch, SubmitOrGoOn(client, invocation, digest));
  RETURN_IF_ERROR(services.StartWorker());
  const auto display = MakeWatchDisplay(streams.err, STDERR_FILENO);
  RETURN_IF_ERROR(Watch(client, batch.name(), *display, streams.err, batch));
  bool attention = false;
  RETURN_IF_ERROR(WriteReport(client, batch.name(), invocation.output, streams.out, attention));
  return !attention;
}

absl::StatusOr<bool> RunInside(const Invocation& invocation, Streams streams) {
  ASSIGN_OR_RETURN(const std::string digest, DigestOf(invocation.file));
  ASSIGN_OR_RETURN(const StateDir dir, StateDir::Open(invocation.state_dir));
  ASSIGN_OR_RETURN(const std::unique_ptr<PrivateRedis> redis, PrivateRedis::Start(dir));
  const config::Settings settings = InsideSettings(invocation.settings, dir, *redis, digest);
  Client client(settings.coordinator);
  ASSIGN_OR_RETURN(const std::unique_ptr<LocalServices> services,
                   LocalServices::Start(settings, [&client] { client.Interrupt(); }));
  RETURN_IF_ERROR(AwaitRedis(*services, *redis));
  if (dir.was_left_in_order()) {
    RETURN_IF_ERROR(services->Vouch());
  } else {
    const auto hold =
        std::chrono::ceil<std::chrono::seconds>(queue::LeaseTimes(settings.lease).hold());
    streams.err << "mailhaul: the last run was killed; copying goes on within " << hold.count()
                << " s\n";
  }
  RETURN_IF_ERROR(services->StartCoordinator());
  return MoveAll(client, *services, invocation, digest, streams);
}

}  // namespace

ExitCode RunRun(const Invocation& invocation, Streams streams) {
  const absl::StatusOr<bool> all_well = RunInside(invocation, streams);
  if (all_well.ok()) return *all_well ? kAllWell : kNotAllMoved;
  if (!absl::IsCancelled(all_well.status())) return Fail(all_well.status(), streams.err);
  streams.err << "mailhaul: stopped; the same command goes on from here\n";
  return kInterrupted;
}

}  // namespace mailhaul::cli
