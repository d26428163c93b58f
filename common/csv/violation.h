#pragma once

#include <cstdint>
#include <string>

namespace mailhaul::csv {

// One thing wrong with a CSV file, in words for the person who wrote it. Never holds a credential.
struct Violation {
  int64_t line = 0;     // physical line in the file, counted from 1
  std::string column;   // the column as the header spells it; empty when it is about the whole line
  std::string problem;  // what is wrong
  std::string allowed;  // what would be right

  friend bool operator==(const Violation&, const Violation&) = default;
};

// "line 7, source_port: is 70000; allowed: 1 to 65535"
std::string Describe(const Violation& violation);

}  // namespace mailhaul::csv
