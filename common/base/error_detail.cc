#include "common/base/error_detail.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace mailhaul {
namespace {

constexpr absl::string_view kUrl = "mailhaul/error_detail";
// A status is copied, logged and stored: a peer must not decide how large it is.
constexpr size_t kLongestServerText = 500;

}  // namespace

absl::string_view SideName(Side side) {
  switch (side) {
    case Side::kNone:
      return "";
    case Side::kSource:
      return "source";
    case Side::kDestination:
      return "destination";
  }
  return "";
}

void SetErrorDetail(absl::Status& status, const ErrorDetail& detail) {
  // One octet for the side, the rest is the peer's text.
  std::string packed(1, static_cast<char>('0' + static_cast<int>(detail.side)));
  packed.append(detail.server_text, 0, kLongestServerText);
  status.SetPayload(kUrl, absl::Cord(packed));
}

std::optional<ErrorDetail> GetErrorDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(kUrl);
  if (!payload || payload->empty()) return std::nullopt;
  const std::string packed(*payload);
  return ErrorDetail{.side = static_cast<Side>(packed[0] - '0'), .server_text = packed.substr(1)};
}

absl::Status OnSide(Side side, absl::Status status) {
  if (status.ok()) return status;
  ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
  if (detail.side != Side::kNone) return status;
  detail.side = side;
  SetErrorDetail(status, detail);
  return status;
}

absl::Status Annotate(absl::Status status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&annotated](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

std::string Explain(const absl::Status& status) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
  std::string line;
  if (detail.side != Side::kNone) absl::StrAppend(&line, SideName(detail.side), ": ");
  absl::StrAppend(&line, status.message());
  if (!detail.server_text.empty()) {
    absl::StrAppend(&line, "; the server said: ", detail.server_text);
  }
  return line;
}

}  // namespace mailhaul
