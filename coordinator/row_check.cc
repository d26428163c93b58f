#include "coordinator/row_check.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/provider/account.h"
#include "coordinator/read_row.h"

namespace mailhaul::coordinator {
namespace {

using provider::Direction;
using provider::Provider;

std::string AccountOf(const Provider& provider, const v1::Endpoint& endpoint) {
  return provider::AccountId(provider, endpoint.user(), endpoint.host(), endpoint.port());
}

queue::Gate GateOf(Direction direction, const Provider& provider, const v1::Endpoint& endpoint,
                   const std::vector<provider::CapOverride>& caps) {
  queue::Gate gate;
  gate.id =
      provider::GateId(direction, provider, endpoint.user(), endpoint.host(), endpoint.port());
  gate.cap = provider::CapOf(gate.id, direction, provider, caps);
  return gate;
}

// 64 bits tell a few million pairs apart: one mistaken refusal in 100,000 files of the largest
// size.
uint64_t HashOf(absl::string_view pair_id) {
  uint64_t hash = 0;
  (void)absl::SimpleHexAtoi(pair_id.substr(0, 16), &hash);
  return hash;
}

}  // namespace

RowCheck::RowCheck(csv::Columns columns, std::vector<provider::CapOverride> caps)
    : columns_(std::move(columns)), caps_(std::move(caps)) {}

std::optional<CheckedRow> RowCheck::Check(const csv::Row& row,
                                          std::vector<csv::Violation>& violations) {
  std::optional<RowContent> content = ReadRow(columns_, row, violations);
  if (!content) return std::nullopt;
  const auto& [type, spec] = *content;
  const std::string source = AccountOf(*type.source, spec.source());
  const std::string destination = AccountOf(*type.destination, spec.destination());
  if (source == destination) {
    violations.push_back(
        {row.line, "", "source and destination are the same mailbox", "two different mailboxes"});
    return std::nullopt;
  }
  const std::string pair = provider::PairId(source, destination, spec.destination_folder());
  if (const auto first = FirstLineOf(pair, row.line)) {
    violations.push_back(
        {row.line, "", absl::StrCat("has the same source, destination and folder as line ", *first),
         "each pair once"});
    return std::nullopt;
  }
  CheckedRow checked;
  checked.gates = {GateOf(Direction::kSource, *type.source, spec.source(), caps_),
                   GateOf(Direction::kDestination, *type.destination, spec.destination(), caps_),
                   queue::Gate{absl::StrCat("pair:", pair), 1}};
  checked.spec = std::move(content->spec);
  checked.spec.set_pair(pair);
  return checked;
}

std::optional<uint32_t> RowCheck::FirstLineOf(absl::string_view pair_id, int64_t line) {
  const auto [first, is_new] =
      line_of_pair_.try_emplace(HashOf(pair_id), static_cast<uint32_t>(line));
  return is_new ? std::nullopt : std::optional(first->second);
}

}  // namespace mailhaul::coordinator
