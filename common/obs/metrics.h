#pragma once

#include <prometheus/registry.h>

#include <memory>

#include "common/obs/http_listener.h"

namespace mailhaul::obs {

// GET /metrics: everything in `registry`, in Prometheus' text format, and the process's own figures
// (memory, CPU, open files) under their usual names.
HttpRoute MetricsRoute(std::shared_ptr<prometheus::Registry> registry);

}  // namespace mailhaul::obs
