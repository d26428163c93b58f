// What a message is recognised by, from any header: build/fuzz/tests/fuzz/identity_fuzzer
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

#include "worker/copy/identity.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using mailhaul::copy::IdentityOf;
  const absl::string_view header(reinterpret_cast<const char*>(data), size);
  const auto identity = IdentityOf(header);
  // Servers store lines with CRLF, LF or both; it must not show.
  const std::string bare = absl::StrReplaceAll(header, {{"\r\n", "\n"}});
  const std::string crlf = absl::StrReplaceAll(bare, {{"\n", "\r\n"}});
  if (IdentityOf(bare).id != identity.id || IdentityOf(crlf).id != identity.id) std::abort();
  return 0;
}
