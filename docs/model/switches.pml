/*
What a run of exactly_once.pml may be told with -D: how much may go wrong, which rule is taken away,
what is looked for.
*/

/* -- How much may go wrong. -------------------------------------------------------------------- */

#ifndef FAULTS    /* so many times the world breaks, each time in any of its ways */
#define FAULTS 2
#endif
#ifndef ARRIVALS  /* messages of the user's own that come into the destination's folder */
#define ARRIVALS 0
#endif
#ifndef IN_ORDER  /* what was sent takes effect in the order it was sent: fewer states */
#define IN_ORDER 0
#endif
#ifndef ODD       /* which of the messages 0, 1 and 2 is not like the two others */
#define ODD 1
#endif

/* -- Rules that can be taken away. ------------------------------------------------------------- */

#ifndef NO_GRACE         /* a job is taken back as soon as its lease has ended */
#define NO_GRACE 0
#endif
#ifndef NO_FENCE         /* a worker sends without a look at its clock */
#define NO_FENCE 0
#endif
#ifndef FROM_ANSWER      /* a worker counts its lease from the answer, not from the question */
#define FROM_ANSWER 0
#endif
#ifndef TOKEN_UNCHECKED  /* scripts believe whoever calls */
#define TOKEN_UNCHECKED 0
#endif
#ifndef LATE_CHECKPOINT  /* checkpoints of a lease carry no number */
#define LATE_CHECKPOINT 0
#endif
#ifndef NO_PAIR_GATE     /* two jobs of one pair run at a time */
#define NO_PAIR_GATE 0
#endif
#ifndef NO_INTENT        /* messages are sent while Redis has not acknowledged the intent */
#define NO_INTENT 0
#endif
#ifndef UIDNEXT_AFTER    /* a growing intent takes today's UIDNEXT, though some of it was sent */
#define UIDNEXT_AFTER 0
#endif
#ifndef SET_MATCH        /* one arrival stands for all messages equal to it */
#define SET_MATCH 0
#endif
#ifndef KNOWN_MATCHED    /* arrivals that the ledger knows are matched once more */
#define KNOWN_MATCHED 0
#endif
#ifndef NO_SETTLE        /* after a lost connection nobody waits for what is under way */
#define NO_SETTLE 0
#endif
#ifndef OLD_ANSWERS      /* answers of a lost connection are read after the new one's match */
#define OLD_ANSWERS 0
#endif
#ifndef NO_ADOPTION      /* where there is no ledger, nothing is matched */
#define NO_ADOPTION 0
#endif
#ifndef LEASES_SURVIVE   /* when Redis is back, the leases that it remembers are good */
#define LEASES_SURVIVE 0
#endif
#ifndef NO_HOLD          /* jobs are claimed as soon as Redis is back */
#define NO_HOLD 0
#endif
#ifndef NO_GENERATION    /* after a rollback only the stored intent is looked for */
#define NO_GENERATION 0
#endif
#ifndef GENERATION_EARLY /* the ledger takes the new generation before its match is stored */
#define GENERATION_EARLY 0
#endif
#ifndef NO_VALIDITY      /* a ledger of another UIDVALIDITY is believed */
#define NO_VALIDITY 0
#endif

/* -- Assumptions that can be taken away: what the protocol does not cover. --------------------- */

#ifndef LATE_EFFECT      /* what was sent takes effect after the grace */
#define LATE_EFFECT 0
#endif
#ifndef STOPPED_IN_GAP   /* a process is stopped between its clock and its system call */
#define STOPPED_IN_GAP 0
#endif

/* -- What is looked for. ----------------------------------------------------------------------- */

/* With -DSHOW=n the n-th thing that must be able to happen is an error, which must be found. */
#ifndef SHOW
#define SHOW 0
#endif
/* With -DQUIET the reason why a match can be believed is checked, too: when a job is claimed,
   nothing that was sent before is still under way. */
#ifndef QUIET
#define QUIET 0
#endif
