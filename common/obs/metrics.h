#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>

#include "common/obs/http_listener.h"

namespace mailhaul::obs {

// GET /metrics: everything in `registry`, in Prometheus' text format, and the process's own figures
// (memory, CPU, open files) under their usual names.
HttpRoute MetricsRoute(std::shared_ptr<prometheus::Registry> registry);

// A metric without labels; lives as long as the registry.
prometheus::Counter& AddCounter(prometheus::Registry& registry, const char* name, const char* help);
prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help);

}  // namespace mailhaul::obs
