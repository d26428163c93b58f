/*
Exactly once: the protocol of docs/exactly-once.md, so small that spin can visit every state of it.

Two workers move one folder of three messages, two of which are equal. Two jobs name the same pair
of mailboxes, as when a batch was submitted twice. Whoever is not chosen for a step stands still,
for any length of time, so at every step every process may be the one that was stopped and goes on
later. Beyond that the world breaks FAULTS times, each time in one of the ways marked FAULT.

What must hold:
  no double   the destination never has more copies of an identity than the source
  no loss     when `finish` is accepted, it has exactly as many
  no dead end when nothing can happen any more, both jobs have finished

Every rule can be taken away (switches.pml); then spin must find a way to a double or a loss.
tests/model/exactly_once.py runs the whole model and each of those; tests/model/spin.py tells the
shortest way to a fault, line by line.
*/

#include "switches.pml"

#define WITNESS(n) assert(SHOW != n)

/* -- Sizes. ------------------------------------------------------------------------------------ */

/* Ticks of the coarse clock. A worker asks and Redis grants in the same instant: were there time
   between, only the lease would end later, and whoever takes it back may be late anyway. */
#define LEASE 1
#define GRACE 1
#define DRAIN 1  /* what was sent takes effect within this, or never */

#define ALL 7  /* the set of all three */
#define EQUAL 1
#define OTHER 2
#define FOREIGN 3
#define IDENTITY(m) ((m) == ODD -> OTHER : EQUAL)
#define WANTED(identity) (3 - (identity))

#define BIT(n) (1 << (n))
#define HAS(set, n) (((set) >> (n)) & 1)
#define TWO_OF(set) ((set) & ((set) - 1))

/* -- The destination. -------------------------------------------------------------------------- */

byte folder[7];  /* identities by UID; a user's deletion is like a foreign message: no match */
byte have[3];    /* copies by identity */
byte uidnext = 1;
byte validity = 1;

/* A worker's connection. */
byte wire[2];           /* sent, without effect so far */
byte answered[2];       /* taken effect, the answer not yet read by the worker */
byte answered_uids[2];
bool broken[2] = true;  /* no answer comes any more */

/* -- Redis. ------------------------------------------------------------------------------------ */

typedef Ledger {
  byte copied;  /* source messages that are at the destination for certain */
  byte known;   /* the UIDs they have there */
  byte intent;  /* source messages that may be sent */
  byte from;    /* UIDNEXT before the first of the intent, and of any later one, was sent */
  byte gen;     /* generation in which it was written; 0: there is no ledger */
  byte validity
}

mtype = { queued, running, done };

Ledger ledger;
mtype job[2] = queued;
byte holder[2];  /* token of the lease; 0: none, or void */
byte lease[2];   /* ticks until it may be taken back */
byte hold;       /* ticks until jobs may be claimed */
byte generation = 1;

/* Some earlier state, the one it will come back with. */
bool kept;
Ledger kept_ledger;
mtype kept_job[2] = queued;
byte kept_holder[2];  /* stays 0 unless LEASES_SURVIVE */

/* A checkpoint under way whose worker has given up waiting for it. */
Ledger late;
byte late_token, late_job;
bool late_overtaken;  /* a higher number has been applied since */

/* -- Workers, as far as others see them. ------------------------------------------------------- */

byte token[2];
byte deadline[2];  /* ticks in which it may send */
byte drain[2];     /* ticks in which what it sent last takes effect, or never */

byte faults = FAULTS, arrivals = ARRIVALS;

hidden byte i, m, candidates;  /* for use within one step; no part of a state */

#define CLAIMABLE(j) (job[j] == queued && (NO_PAIR_GATE || job[1 - j] != running))
#define ANY_CLAIMABLE (hold == 0 && (CLAIMABLE(0) || CLAIMABLE(1)))
/* Two idle workers are alike, and so are two jobs in line: it is enough to let the first go. */
#define MY_TURN(me) (me == 0 || token[0] != 0 || wire[0] != 0)
#define ACCEPTED(j, t) (TOKEN_UNCHECKED || holder[j] == (t))
#define HELD(j) (holder[j] != 0 && (holder[j] == token[0] || holder[j] == token[1]))

inline copy(to, what) {
  to.copied = what.copied; to.known = what.known; to.intent = what.intent;
  to.from = what.from; to.gen = what.gen; to.validity = what.validity
}

inline forget(what) {
  what.copied = 0; what.known = 0; what.intent = 0;
  what.from = 0; what.gen = 0; what.validity = 0
}

/* Only whether tokens are equal counts: one that nobody can present any more is used again. */
inline new_token(me, j) {
  i = 1;
  do
  :: i == token[0] || i == token[1] || i == holder[0] || i == holder[1] || i == late_token ||
     i == kept_holder[0] || i == kept_holder[1] -> i++
  :: else -> break
  od;
  token[me] = i;
  holder[j] = i
}

inline lowest(set, n) {
  n = 0;
  do
  :: HAS(set, n) -> break
  :: else -> n++
  od
}

inline let_go(j, state) {
  job[j] = state;
  holder[j] = 0;
  lease[j] = 0
}

inline forget_kept() {
  kept = false;
  kept_job[0] = queued; kept_job[1] = queued;
  kept_holder[0] = 0; kept_holder[1] = 0;
  forget(kept_ledger)
}

/* One of the faults has come. What was kept for a rollback is of no use after the last. */
inline fault() {
  faults--;
  if
  :: faults == 0 -> forget_kept()
  :: else
  fi
}

/* -- The worker. ------------------------------------------------------------------------------- */

#define MATCHES (HAS(candidates, m) && IDENTITY(m) == folder[i])

/* What has arrived since `from` is matched with what may have been sent: each with one other. */
inline reconcile(mine, gen) {
  if
  :: mine.validity != validity && !NO_VALIDITY -> forget(mine)
  :: else
  fi;
  if
  :: mine.gen == 0 && NO_ADOPTION -> candidates = 0
  :: mine.gen == 0 && !NO_ADOPTION || mine.gen != 0 && mine.gen != gen && !NO_GENERATION ->
     candidates = ALL & ~mine.copied
  :: else -> candidates = mine.intent
  fi;
  i = mine.from;
  do
  :: i < uidnext && HAS(mine.known, i) && !KNOWN_MATCHED -> i++
  :: i < uidnext && (!HAS(mine.known, i) || KNOWN_MATCHED) ->
     m = 0;
     do
     :: m < 3 && MATCHES ->
        printf("  UID %d is message %d\n", i, m);
        if
        :: HAS(mine.intent, m) -> WITNESS(1)
        :: mine.gen != 0 && !HAS(mine.intent, m) -> WITNESS(2)
        :: else
        fi;
        mine.copied = mine.copied | BIT(m);
        mine.known = mine.known | BIT(i);
        candidates = candidates & ~BIT(m);
        m = (SET_MATCH -> m : 3)
     :: m < 3 && !MATCHES -> m++
     :: m == 3 -> break
     od;
     i++
  :: i == uidnext -> break
  od;
  mine.intent = 0;
  mine.gen = gen;
  mine.validity = validity
}

inline send(me, n, sent) {
  wire[me] = wire[me] | BIT(n);
  sent = sent | BIT(n);
  drain[me] = DRAIN;
  printf("worker %d sends message %d\n", me, n)
}

proctype Worker(byte me) {
  Ledger mine;  /* the ledger as this worker knows it */
  byte j, gen;
  byte next;    /* message that the intent is about to grow by, as a set */
  byte sent;    /* of the intent */
  bool dirty;   /* `mine` says more than the ledger */

  /* A weakened rule may have left something of the worker's last job under way. There is only one
     wire for each worker, so it waits until that is gone; the other worker does not. */
end_idle:
  atomic {
    ANY_CLAIMABLE && (QUIET || wire[me] == 0) && MY_TURN(me) ->
    assert(!QUIET || (wire[0] == 0 && wire[1] == 0));
    j = (CLAIMABLE(0) -> 0 : 1);
    job[j] = running;
    lease[j] = LEASE + GRACE;
    d_step { new_token(me, j) };
    gen = generation;
    broken[me] = false;
    deadline[me] = LEASE;
    printf("worker %d claims job %d: token %d\n", me, j, token[me]);
    if
    :: FROM_ANSWER -> goto granted
    :: else -> goto read_ledger
    fi
  }

granted:
  deadline[me] = LEASE;

read_ledger:
  atomic {
    copy(mine, ledger);
    ledger.gen = (GENERATION_EARLY && ledger.gen != 0 -> gen : ledger.gen);
    if
    :: mine.copied == ALL && mine.gen == gen -> WITNESS(3)
    :: else
    fi
  }

begin:
  atomic {
    if
    :: mine.intent != 0 || mine.gen != gen || mine.validity != validity ->
       printf("worker %d matches what arrived from UID %d on\n", me, mine.from);
       d_step { reconcile(mine, gen) };
       dirty = true
    :: else
    fi
  }

work:
  do
  :: d_step {  /* read the answers that came */
       answered[me] != 0 ->
       mine.copied = mine.copied | answered[me];
       mine.known = mine.known | answered_uids[me];
       mine.intent = mine.intent & ~mine.copied;
       sent = sent & mine.intent;
       answered[me] = 0;
       answered_uids[me] = 0;
       dirty = true;
       printf("worker %d knows as copied: %d\n", me, mine.copied)
     }

  :: d_step {  /* send one message of the intent */
       (mine.intent & ~sent) != 0 && !broken[me] && (NO_FENCE || deadline[me] > 0) ->
       lowest(mine.intent & ~sent, i);
       send(me, i, sent)
     }

  /* the same in two steps, between which others act */
  :: (STOPPED_IN_GAP && (mine.intent & ~sent) != 0 && !broken[me] && deadline[me] > 0) ->
     d_step { lowest(mine.intent & ~sent, i); send(me, i, sent) }

  :: d_step {  /* let the intent grow by one message */
       (ALL & ~mine.copied & ~mine.intent) != 0 && !TWO_OF(mine.intent) && !broken[me] ->
       lowest(ALL & ~mine.copied & ~mine.intent, i);
       next = BIT(i);
       mine.from = (mine.intent == 0 || UIDNEXT_AFTER -> uidnext : mine.from)
     }
     goto store

  :: dirty -> goto store  /* a checkpoint that only tells what was copied */

  :: atomic {  /* renew */
       deadline[me] < LEASE ->
       if
       :: ACCEPTED(j, token[me]) ->
          lease[j] = LEASE + GRACE;
          printf("worker %d renews\n", me);
          if
          :: FROM_ANSWER -> goto renewed
          :: else -> deadline[me] = LEASE
          fi
       :: else -> goto stop
       fi
     }

  :: atomic {  /* finish */
       mine.copied == ALL ->
       if
       :: ACCEPTED(j, token[me]) ->
          printf("worker %d finishes job %d\n", me, j);
          assert(have[EQUAL] == WANTED(EQUAL) && have[OTHER] == WANTED(OTHER));
          let_go(j, done)
       :: else -> WITNESS(4)
       fi;
       goto stop
     }

  :: atomic {  /* FAULT: the connection is lost, and the job is given back */
       broken[me] && (wire[me] == 0 || NO_SETTLE) ->
       if
       :: ACCEPTED(j, token[me]) ->
          let_go(j, queued);
          printf("worker %d gives job %d back\n", me, j)
       :: else
       fi;
       goto stop
     }

  :: d_step {  /* FAULT: the same, and it goes on over a new one */
       broken[me] && (wire[me] == 0 || NO_SETTLE) ->
       broken[me] = false;
       sent = 0;
       answered[me] = (OLD_ANSWERS -> answered[me] : 0);
       answered_uids[me] = (OLD_ANSWERS -> answered_uids[me] : 0);
       printf("worker %d connects again\n", me)
     }
     goto begin

  :: atomic {  /* FAULT: kill -9; the next process begins as idle */
       faults > 0 -> fault(); printf("worker %d is killed\n", me); goto stop
     }
  od;

renewed:
  deadline[me] = LEASE;
  goto work;

store:
  do
  :: d_step {
       ACCEPTED(j, token[me]) ->
       mine.intent = mine.intent | next;
       next = 0;
       dirty = false;
       copy(ledger, mine);
       late_overtaken = late_overtaken || late_token == token[me];
       printf("worker %d stores copied %d, intent %d from UID %d\n", me, mine.copied, mine.intent,
              mine.from)
     }
     goto work

  :: atomic { !ACCEPTED(j, token[me]) -> goto stop }

  :: d_step {  /* FAULT: no answer in time; it may arrive later */
       faults > 0 && late_token == 0 ->
       fault();
       copy(late, mine);
       late.intent = late.intent | next;
       late_token = token[me];
       late_job = j;
       next = 0;
       dirty = true;
       printf("worker %d gives up waiting for its checkpoint\n", me)
     }
     goto work

  :: d_step {  /* without waiting for the answer */
       NO_INTENT && next != 0 && deadline[me] > 0 ->
       lowest(next, i);
       send(me, i, sent);
       mine.intent = mine.intent | next;
       next = 0
     }
  od;

stop:
  atomic {
    forget(mine);
    j = 0; gen = 0; next = 0; sent = 0; dirty = false;
    answered[me] = 0; answered_uids[me] = 0; broken[me] = true;
    deadline[me] = 0;
    token[me] = 0
  }
  goto end_idle
}

/* -- The world. -------------------------------------------------------------------------------- */

inline take_effect(w, n) {
  d_step {
    HAS(wire[w], n) && (!IN_ORDER || (wire[w] & (BIT(n) - 1)) == 0) ->
    wire[w] = wire[w] & ~BIT(n);
    drain[w] = (wire[w] -> drain[w] : 0);
    i = IDENTITY(n);
    folder[uidnext] = i;
    answered[w] = (broken[w] -> 0 : answered[w] | BIT(n));
    answered_uids[w] = (broken[w] -> 0 : answered_uids[w] | BIT(uidnext));
    have[i]++;
    printf("message %d of worker %d arrives: UID %d\n", n, w, uidnext);
    assert(have[i] <= WANTED(i));
    uidnext++
  }
}

inline vanish(w, n) {
  d_step {
    HAS(wire[w], n) && broken[w] ->
    wire[w] = wire[w] & ~BIT(n);
    drain[w] = (wire[w] -> drain[w] : 0)
  }
}

/* In any order, whatever has become of the worker. */
proctype Connection(byte w) {
end:
  do
  :: take_effect(w, 0)
  :: take_effect(w, 1)
  :: take_effect(w, 2)
  :: vanish(w, 0)
  :: vanish(w, 1)
  :: vanish(w, 2)
  :: d_step {  /* FAULT: it is lost */
       faults > 0 && wire[w] != 0 && !broken[w] ->
       fault();
       broken[w] = true;
       printf("worker %d loses its connection\n", w)
     }
  od
}

#define OVERDUE(w) (wire[w] != 0 && drain[w] == 0 && !LATE_EFFECT)
#define RUNNING_TIMERS \
  (deadline[0] + deadline[1] + drain[0] + drain[1] + lease[0] + lease[1] + hold)
#define ABANDONED(j) (job[j] == running && !HELD(j))
/* When no fault is left and every lease has its holder, no one waits for the clock any more. */
#define TIME_MATTERS (faults > 0 || hold > 0 || ABANDONED(0) || ABANDONED(1))
#define RUN_DOWN(timer) timer = (timer > 0 -> timer - 1 : 0)

active proctype Time() {
end:
  do
  :: d_step {
       TIME_MATTERS && RUNNING_TIMERS > 0 && !OVERDUE(0) && !OVERDUE(1) ->
       RUN_DOWN(deadline[0]); RUN_DOWN(deadline[1]);
       RUN_DOWN(drain[0]); RUN_DOWN(drain[1]);
       RUN_DOWN(lease[0]); RUN_DOWN(lease[1]);
       RUN_DOWN(hold);
       printf("time passes\n")
     }
  od
}

/* FAULT, where the holder lives: it was stopped, or cut off from Redis, for the whole lease. */
inline take_back(n) {
  d_step {
    job[n] == running && hold == 0 && (lease[n] == 0 || NO_GRACE && lease[n] <= GRACE) &&
        (faults > 0 || !HELD(n)) ->
    if
    :: HELD(n) -> fault()
    :: else
    fi;
    let_go(n, queued);
    printf("job %d is taken back\n", n)
  }
}

active proctype Redis() {
end:
  do
  :: take_back(0)
  :: take_back(1)

  :: d_step {  /* the late checkpoint comes in */
       late_token != 0 ->
       if
       :: ACCEPTED(late_job, late_token) && (!late_overtaken || LATE_CHECKPOINT) ->
          copy(ledger, late)
       :: ACCEPTED(late_job, late_token) && late_overtaken && !LATE_CHECKPOINT -> WITNESS(5)
       :: !ACCEPTED(late_job, late_token) && job[late_job] == running -> WITNESS(6)
       :: else
       fi;
       printf("the late checkpoint comes in; copied %d, intent %d\n", ledger.copied, ledger.intent);
       forget(late);
       late_token = 0; late_job = 0; late_overtaken = false
     }

  :: d_step {  /* the state that will come back */
       faults > 0 && !kept ->
       kept = true;
       copy(kept_ledger, ledger);
       kept_job[0] = job[0];
       kept_job[1] = job[1];
       kept_holder[0] = (LEASES_SURVIVE -> holder[0] : 0);
       kept_holder[1] = (LEASES_SURVIVE -> holder[1] : 0)
     }

  :: d_step {  /* FAULT: it comes back. Leases of before are void. */
       faults > 0 && kept ->
       copy(ledger, kept_ledger);
       let_go(0, kept_job[0]);
       let_go(1, kept_job[1]);
       holder[0] = kept_holder[0]; holder[1] = kept_holder[1];
       fault();
       generation++;
       hold = (NO_HOLD -> 0 : LEASE + GRACE);
       forget_kept();
       printf("Redis comes back with copied %d, intent %d\n", ledger.copied, ledger.intent)
     }
  od
}

active proctype Others() {
end:
  do
  :: d_step {
       arrivals > 0 ->
       arrivals--;
       folder[uidnext] = FOREIGN;
       printf("the user's own message arrives: UID %d\n", uidnext);
       uidnext++
     }

  :: d_step {  /* FAULT: the folder gets a new UIDVALIDITY and is numbered anew, backwards */
       faults > 0 && uidnext > 2 && validity == 1 ->
       fault();
       validity++;
       m = 1;
       do
       :: 2 * m < uidnext ->
          i = folder[m]; folder[m] = folder[uidnext - m]; folder[uidnext - m] = i; m++
       :: else -> break
       od;
       broken[0] = true; broken[1] = true;
       printf("the folder is numbered anew\n")
     }

  :: timeout -> break
  od;
  WITNESS(7);
  assert(job[0] == done && job[1] == done)
}

init {
  atomic {
    run Worker(0);
    run Worker(1);
    run Connection(0);
    run Connection(1)
  }
}
