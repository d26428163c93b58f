#include "common/obs/metrics.h"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <utility>
#include <vector>

#include "common/obs/process_metrics.h"

namespace mailhaul::obs {
namespace {

constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

HttpRoute MetricsRoute(std::shared_ptr<prometheus::Registry> registry) {
  const auto get = [registry = std::move(registry)] {
    std::vector<prometheus::MetricFamily> families = registry->Collect();
    std::vector<prometheus::MetricFamily> process = ProcessMetrics().Collect();
    std::move(process.begin(), process.end(), std::back_inserter(families));
    return HttpReply{200, kContentType, prometheus::TextSerializer().Serialize(families)};
  };
  return {"/metrics", get};
}

prometheus::Counter& AddCounter(prometheus::Registry& registry, const char* name,
                                const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace mailhaul::obs
