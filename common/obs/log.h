#pragma once

#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <variant>

#include "absl/strings/string_view.h"

// Structured logging: a fixed sentence, and what varies as fields.
//
//   log::Info("job claimed", {{"job", job_id}, {"worker", worker}});
//
// One line each to stderr, in either format; line ends and control characters in values are
// escaped. Never pass a credential: Secret has no conversion on purpose. Thread-safe.
namespace mailhaul::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// Valid during the call only: text is not copied.
class Field {
 public:
  using Value = std::variant<absl::string_view, int64_t, uint64_t, double, bool>;

  Field(absl::string_view key, absl::string_view value) : key_(key), value_(value) {}
  Field(absl::string_view key, const char* value) : Field(key, absl::string_view(value)) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  Field(absl::string_view key, T value) : key_(key), value_(Widen(value)) {}

  absl::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  template <typename T>
  static Value Widen(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value;
    } else if constexpr (std::is_floating_point_v<T>) {
      return double{value};
    } else if constexpr (std::is_signed_v<T>) {
      return int64_t{value};
    } else {
      return uint64_t{value};
    }
  }

  absl::string_view key_;
  Value value_;
};

using Fields = std::initializer_list<Field>;

// Once, at the start of main(). Before it: text, from kInfo on.
void Init(Level least, Format format);

void Debug(absl::string_view message, Fields fields = {});
void Info(absl::string_view message, Fields fields = {});
void Warning(absl::string_view message, Fields fields = {});
void Error(absl::string_view message, Fields fields = {});

}  // namespace mailhaul::log
