#pragma once

#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/obs/http_listener.h"

namespace mailhaul::obs {

// What every process shows its operators: /metrics, /healthz (200: its thread answers) and /readyz
// (200 while `ready` is OK). Null when `address` is empty; errors are HttpListener::Listen's.
absl::StatusOr<std::unique_ptr<HttpListener>> ListenForOperators(
    boost::asio::any_io_executor executor, const std::string& address,
    std::shared_ptr<prometheus::Registry> registry, std::function<absl::Status()> ready);

}  // namespace mailhaul::obs
