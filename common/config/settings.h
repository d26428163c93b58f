#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/obs/log.h"
#include "common/provider/gate.h"

namespace mailhaul::config {

// Everything an operator can set, with its defaults. options.h has the table that names, explains
// and reads each one; docs/configuration.md is made from it.
struct Settings {
  // Addresses: "host:port", "[v6 address]:port" or "unix:/path".
  std::string redis_address = "127.0.0.1:6379";
  bool redis_tls = false;
  std::string redis_user;           // ACL user; empty: the default user
  std::string redis_password_file;  // empty: no password
  std::string queue = "default";    // queues of different names share a Redis without meeting
  std::chrono::milliseconds lease{20'000};  // the same in every process of a queue

  std::string grpc_listen = "127.0.0.1:7400";
  std::string http_listen = "127.0.0.1:0";  // metrics and health; port 0: any free one; empty: none
  std::string coordinator = "127.0.0.1:7400";

  std::string worker_id;  // empty: host name and process id
  int worker_jobs = 8;    // at a time
  std::chrono::milliseconds worker_grace{10'000};

  std::string ca_file;  // PEM, beside the system's roots

  std::vector<provider::CapOverride> caps;

  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds command_timeout{300'000};

  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;
};

}  // namespace mailhaul::config
