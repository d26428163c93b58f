#include "common/obs/operator_listener.h"

#include <utility>

#include "common/obs/metrics.h"

namespace mailhaul::obs {

absl::StatusOr<std::unique_ptr<HttpListener>> ListenForOperators(
    boost::asio::any_io_executor executor, const std::string& address,
    std::shared_ptr<prometheus::Registry> registry, std::function<absl::Status()> ready) {
  if (address.empty()) return nullptr;
  return HttpListener::Listen(
      std::move(executor), address,
      {MetricsRoute(std::move(registry)), HealthRoute("/healthz", [] { return absl::OkStatus(); }),
       HealthRoute("/readyz", std::move(ready))});
}

}  // namespace mailhaul::obs
