// The IMAP parser against anything: build/fuzz/tests/fuzz/imap_fuzzer tests/fuzz/imap_corpus
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/imap_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto whole = mailhaul::fuzz::ReadAsClient(octets, SIZE_MAX);
  if (whole != mailhaul::fuzz::ReadAsClient(octets, 1)) std::abort();
  if (!mailhaul::fuzz::MailboxNameComesBack(octets)) std::abort();
  return 0;
}
