#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include <boost/asio/any_io_executor.hpp>

#include "common/config/settings.h"
#include "common/queue/job_store.h"

namespace mailhaul::cli {

// The queue that the settings name; it connects when first used. INVALID_ARGUMENT says which
// setting is wrong.
absl::StatusOr<std::unique_ptr<queue::JobStore>> OpenQueue(boost::asio::any_io_executor executor,
                                                           const config::Settings& settings);

}  // namespace mailhaul::cli
