#pragma once

#include "common/config/settings.h"
#include "worker/app.h"

namespace mailhaul::cli {

// What the settings say to a worker. Its id is theirs, or made of host name and process id.
worker::WorkerOptions ToWorkerOptions(const config::Settings& settings);

}  // namespace mailhaul::cli
