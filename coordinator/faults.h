#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"

#include "common/csv/violation.h"
#include "google/rpc/error_details.pb.h"

namespace mailhaul::coordinator {

// Everything wrong with an upload: all of it counted, the first thousand kept (fewer if long: they
// travel as metadata of the call, of which our client takes 1 MiB, in base64).
class Faults {
 public:
  static constexpr int kKept = 1000;
  static constexpr size_t kKeptOctets = 512 * 1024;

  // `row` counts data rows from 1; 0 is the header.
  void Add(int64_t row, const std::vector<csv::Violation>& violations);
  bool empty() const { return violations_ == 0; }

  // INVALID_ARGUMENT for the caller: BAD_CSV when the header is at fault, else BAD_ROWS.
  absl::Status ToStatus() const;

 private:
  int64_t violations_ = 0;
  int64_t bad_rows_ = 0;
  bool bad_header_ = false;
  size_t octets_ = 0;
  google::rpc::BadRequest first_;
};

}  // namespace mailhaul::coordinator
