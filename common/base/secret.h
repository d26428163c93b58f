#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace mailhaul {

// A credential. It has no stream operator and no conversion, so it cannot reach a log by accident;
// its memory is wiped when it goes. Reveal() is the only way in, and easy to search for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.Wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { Wipe(); }

  absl::string_view Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  void Wipe();
  std::string value_;
};

}  // namespace mailhaul
