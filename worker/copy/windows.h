#pragma once

#include <cstddef>
#include <deque>

#include "worker/copy/ledger.h"
#include "worker/imap/uid_set.h"

namespace mailhaul::copy {

// What of one folder may have been sent and is not known to have been settled: windows of source
// messages, each with the destination's UIDNEXT before it was opened. Their sum is the intent to be
// stored.
//
// A message that arrived without telling its UID (no UIDPLUS, RFC 4315) stays in the intent until
// everything that arrives from the intent's UIDNEXT on arrived after it: who reconciles meets it
// there, and must not take it for another one with the same identity.
class Windows {
 public:
  // `uid_next`: the destination's, at some time before anything is sent; 0: not known.
  explicit Windows(imap::Uid uid_next = 0) : uid_next_(uid_next) {}

  // From now on these may be sent.
  void Open(imap::UidSet sources);
  // It arrived under this UID.
  void Arrived(imap::Uid source, imap::Uid destination);
  // It arrived, under a UID that is not known.
  void ArrivedSomewhere(imap::Uid source);
  // The destination refused it, or it was never sent.
  void Withdraw(imap::Uid source);
  // The destination's UIDNEXT now: whatever has not been sent gets this one or a higher one, and
  // everything that has been confirmed so far has a lower one.
  void NoteUidNext(imap::Uid uid_next);

  Intent intent() const;

 private:
  struct Window {
    imap::UidSet sources;
    size_t unsettled = 0;
    imap::Uid uid_next = 0;
    imap::Uid end = 0;  // all its messages arrived below this UID; 0: not known
  };
  Window* WindowOf(imap::Uid source);
  void Settle(Window& window, imap::Uid source, bool keep);
  imap::Uid Lowest() const;
  void DropSettled();

  std::deque<Window> windows_;
  imap::Uid uid_next_;
};

}  // namespace mailhaul::copy
