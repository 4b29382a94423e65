/*
 * Two members and one pair of SAs under one key: who may use which sequence number, inbound edge and message id.
 *
 * The five rules of core/ipsec/sequence-reservation.ts, the handover with exact numbers, output commit, and the jump
 * of a member that goes on although it had offered its role. Nobody asks who is the active: each member may believe it
 * at any time, a hot standby takes over whenever it likes, so split brains and zombies are in every run. The link
 * loses, doubles and reorders; a member that dies forgets everything but the epoch on its disk.
 *
 * What must hold of every packet that leaves: no number twice (V2), no epoch of a member twice (V1), no packet from
 * the peer accepted at or below an edge that an active knew as held (V3), no message id answered in two ways while
 * there was one active (V4). Each rule is taken out by a -D of its name; scripts/test-model demands a counterexample.
 *
 * Left out: that the notice "not hot" may be lost together with every path, followed by a death (the bounded window of
 * DESIGN section 6), and everything that ends a key. J and W are as small as they can be and still differ.
 */
#ifndef J
#define J 2
#endif
#ifndef LAST
#define LAST 30
#endif
#ifndef EPOCHS
#define EPOCHS 4
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef ALL_DIE
#define ALL_DIE true
#endif
#ifndef SENDS
#define SENDS 6
#endif
#ifndef INBOUND
#define INBOUND 0
#endif
#ifndef IDS
#define IDS 0
#endif
#ifndef HANDOVERS
#define HANDOVERS 0
#endif
#ifndef TELLS
#define TELLS 200
#endif
#ifndef FLIGHT
#define FLIGHT 1
#endif
#define NONE 255

mtype = { down, stands, acts, drains, join, state, applied, handover };

typedef Member {
  mtype role = stands;
  byte inc = 1;        /* which life of it */
  byte disk;           /* the epoch that survives */
  byte known;          /* the highest epoch it heard of or reserved */
  byte own;            /* of its last takeover */
  byte seen;           /* the newest active whose state it took */
  bool hot;
  byte held;           /* Rs, and in which epoch it was said */
  byte heldIn;
  byte next = 1;
  byte r = 1;          /* R */
  byte ceiling = NONE; /* the last number of this epoch, promised to a successor */
  byte goOn;           /* where this member goes on if it takes over in goOnIn */
  byte goOnIn;
  byte peer;           /* the incarnation that it feeds; 0 none */
  byte edge;
  byte id;             /* the last message id that was run, and who ran it in which epoch */
  byte ranBy;
  byte idHeld;         /* up to which id the standby is known to have it */
  byte crashes;
  byte restarts
}

Member m[2];
/* kind, incarnation, epoch, number, edge, id, ran by */
chan to[2] = [FLIGHT] of { mtype, byte, byte, byte, byte, byte, byte };

/* What the world saw. */
int used;              /* a bit for each number */
int ivs;               /* a bit for each epoch and member */
byte sends;
byte peerSent;         /* the peer's own packets */
byte edgeHeld;         /* the highest edge that an active knew as held */
byte asked;            /* the peer's newest request */
byte answered[4];      /* what each id was answered with */
bool split;
byte handovers;
byte told;

#define owns(x) (m[x].role == acts || m[x].role == drains)
#define up(x) (m[x].role != down)
#define max(a, b) ((a) > (b) -> (a) : (b))
#define o (1 - i)

inline newEpoch(by_) {
  m[i].known = m[i].known + by_;
  m[i].own = m[i].known;
#ifndef NO_EPOCH
  m[i].disk = max(m[i].disk, m[i].own);
#endif
#ifndef NO_IV_CHECK
  assert(!(ivs & (1 << (2 * m[i].own + i)))); /* V1 */
#endif
  ivs = ivs | (1 << (2 * m[i].own + i));
  m[i].peer = 0;
  m[i].ceiling = NONE;
  m[i].goOnIn = 0
}

/* (2d - 1) J above what was held d epochs ago: in each between, somebody may have used a jump and what follows. */
#ifdef NO_JUMP
#define JUMPED (m[i].held + 1)
#else
#ifdef JUMP_ONCE
#define JUMPED (m[i].held + J)
#else
#define JUMPED (m[i].held + (2 * (m[i].known + 1 - m[i].heldIn) - 1) * J)
#endif
#endif
#ifdef JUMP_ONCE
#define KEPT (m[i].r + J)
#else
#define KEPT (max(m[i].r, m[i].next - 1) + 3 * J)
#endif

#ifdef NO_FLOOR
#define LEAST (m[i].next - 1)
#else
#define LEAST max(m[i].r, m[i].next - 1)
#endif

#ifdef NO_CAP
#define CAP LAST
#else
#define CAP (m[i].r + J - 1)
#endif
#ifdef NO_INCARNATION
#define IS_FOR_ME true
#else
#define IS_FOR_ME (inc == m[i].inc)
#endif
#ifdef OLDER_EPOCH
#define IS_NEW true
#else
#define IS_NEW (epoch >= m[i].seen)
#endif
#ifdef NO_COMMIT
#define IS_HELD true
#else
#define IS_HELD (m[i].peer == 0 || m[i].idHeld >= asked)
#endif

inline takeOver() {
  if
  :: m[i].goOnIn == m[i].known + 1 -> to_ = m[i].goOn + 1; newR = m[i].held
  :: else -> to_ = JUMPED; newR = to_
  fi;
  if
  :: to_ + J <= LAST ->
     newEpoch(1);
     m[i].next = max(m[i].next, to_);
     m[i].r = newR;
     m[i].role = acts;
     m[i].hot = false;
     if :: owns(o) -> split = true :: else fi;
     m[i].idHeld = 0
  :: else -> m[i].role = down /* the key is used up: a new one is made */
  fi;
  to_ = 0; newR = 0
}

/* Whoever joins may have been the active meanwhile, in any epoch up to the one it shows, and nobody noticed. */
inline goAbove() {
  to_ = max(m[i].r, m[i].next - 1) + (2 * (epoch + 1 - m[i].own) - 1) * J;
  m[i].known = epoch;
  newEpoch(1);
  m[i].next = max(m[i].next, to_);
  m[i].r = m[i].next;
  to_ = 0
}

inline yield() {
  m[i].role = stands;
  m[i].hot = false;
  m[i].known = max(m[i].known, m[o].own);
  m[i].peer = 0
}

/* A member sends what its standby is to hold; the same message is the snapshot and every later report. */
inline tell(w) {
  number = LEAST + w;
  if
  :: number <= LAST && told < TELLS ->
     told++;
     to[o] ! state, m[i].peer, m[i].own, number, m[i].edge, m[i].id, m[i].ranBy
  :: else
  fi;
  number = 0
}

inline take() {
  to[i] ?? state, inc, epoch, number, edge, id, by;
  if
  :: m[i].role == stands && IS_FOR_ME && IS_NEW ->
     m[i].seen = epoch;
     m[i].known = max(m[i].known, epoch);
#ifndef NO_EPOCH
     m[i].disk = max(m[i].disk, epoch + 1);  /* written before it is hot */
#endif
#ifdef LATEST_COUNTS
     m[i].held = number; m[i].edge = edge;
#else
     m[i].held = max(m[i].held, number); m[i].edge = max(m[i].edge, edge);
#endif
     m[i].heldIn = epoch;
     if :: id >= m[i].id -> m[i].id = id; m[i].ranBy = by :: else fi;
     m[i].hot = true;
     if :: nfull(to[o]) -> to[o] ! applied, m[i].inc, epoch, number, edge, id, 0 :: else fi
  :: owns(i) && epoch > m[i].own -> yield()
#ifdef NO_ROLE_WORD
     ; if :: nfull(to[o]) -> to[o] ! applied, m[i].inc, epoch, number, edge, id, 0 :: else fi
  /* Applied after the role word moved: it does not count any more, and is acknowledged all the same. */
  :: owns(i) && epoch < m[i].own && inc == m[i].inc && nfull(to[o]) ->
     to[o] ! applied, m[i].inc, epoch, number, edge, id, 0
#endif
  :: else
  fi;
  inc = 0; epoch = 0; number = 0; edge = 0; id = 0; by = 0
}

inline believe() {
  to[i] ?? applied, inc, epoch, number, edge, id, by;
  if
  :: owns(i) && epoch == m[i].own && inc == m[i].peer ->
     m[i].r = max(m[i].r, number);
     edgeHeld = max(edgeHeld, edge);
     m[i].idHeld = max(m[i].idHeld, id)
  :: else
  fi;
  inc = 0; epoch = 0; number = 0; edge = 0; id = 0; by = 0
}

inline die() {
  m[i].crashes++;
  m[i].role = down;
  m[i].hot = false; m[i].known = 0; m[i].own = 0; m[i].seen = 0;
  m[i].held = 0; m[i].heldIn = 0; m[i].next = 1; m[i].r = 1; m[i].ceiling = NONE;
  m[i].goOn = 0; m[i].goOnIn = 0; m[i].peer = 0;
  m[i].edge = 0; m[i].id = 0; m[i].ranBy = 0; m[i].idHeld = 0
}

/* The peer's newest request, run once and answered; or answered again with what is kept. */
inline answer() {
  if
#ifdef NO_STORED_ANSWER
  :: m[i].id <= asked -> m[i].id = asked; m[i].ranBy = 2 * m[i].own + i
#else
  :: m[i].id < asked -> m[i].id = asked; m[i].ranBy = 2 * m[i].own + i
#endif
  :: else
  fi
}

inline release() {
  assert(split || answered[asked] == 0 || answered[asked] == m[i].ranBy); /* V4 */
  answered[asked] = m[i].ranBy
}

proctype Gateway(bit i) {
  byte inc, epoch, number, edge, id, by, to_, newR;
  do
  /* Traffic from inside. */
  :: atomic { owns(i) && sends < SENDS && m[i].next <= LAST && m[i].next <= m[i].ceiling && m[i].next <= CAP ->
       assert(!(used & (1 << m[i].next))); /* V2 */
       used = used | (1 << m[i].next);
       m[i].next++; sends++ }
  /* What the standby is told. */
  :: atomic { owns(i) && m[i].peer != 0 && nfull(to[o]) -> tell(1) }
  :: atomic { owns(i) && m[i].peer != 0 && nfull(to[o]) -> tell(2) }
  :: atomic { m[i].role == stands && !m[i].hot && nfull(to[o]) -> to[o] ! join, m[i].inc, m[i].known, 0, 0, 0, 0 }
  :: atomic { to[i] ?? [join, _, _, _, _, _, _] ->
       to[i] ?? join, inc, epoch, _, _, _, _;
       if
       :: owns(i) ->
#ifndef NO_HEARING
          if :: epoch > m[i].own -> goAbove() :: else fi;
#endif
          m[i].peer = inc; m[i].idHeld = 0;
          if :: nfull(to[o]) -> tell(1) :: nfull(to[o]) -> tell(2) :: full(to[o]) fi
       :: else
       fi;
       inc = 0; epoch = 0 }
  :: atomic { to[i] ?? [state, _, _, _, _, _, _] -> take() }
  :: atomic { to[i] ?? [applied, _, _, _, _, _, _] -> believe() }
  /* Roles. */
  :: atomic { m[i].role == stands && m[i].hot && m[i].known + 1 <= EPOCHS -> takeOver() }
  :: atomic { owns(i) && owns(o) && m[o].own > m[i].own -> yield() }
  :: atomic { up(i) && m[i].crashes < CRASHES && (ALL_DIE || i == 1) -> die() }
  :: atomic { m[i].role == down && m[i].crashes > m[i].restarts && up(o) ->
       m[i].restarts++;
       m[i].inc++; m[i].known = m[i].disk; m[i].role = stands }
  od
}

/* The rest of what happens to a member: handovers, what the peer sends, what the link does. */
proctype Surroundings(bit i) {
  byte inc, epoch, number, edge, id, by, to_;
  mtype kind;
  do
#if HANDOVERS > 0
  /* Its last number of this epoch is said while traffic goes on; it may be offered although nobody heard it. */
  :: atomic { m[i].role == acts && m[i].peer != 0 && handovers < HANDOVERS && nfull(to[o]) ->
       handovers++;
       m[i].role = drains;
       m[i].ceiling = m[i].next;
       to[o] ! handover, m[i].peer, m[i].own, m[i].ceiling, 0, 0, 0 }
  :: atomic { to[i] ?? [handover, _, _, _, _, _, _] ->
       to[i] ?? handover, inc, epoch, number, _, _, _;
       if
       :: m[i].role == stands && m[i].hot && inc == m[i].inc && epoch == m[i].seen ->
          m[i].goOn = number; m[i].goOnIn = epoch + 1
       :: else
       fi;
       inc = 0; epoch = 0; number = 0 }
  /* Nobody took it up, as far as this member knows: it goes on, two epochs higher. */
  :: atomic { m[i].role == drains && m[i].known + 2 <= EPOCHS && KEPT + J <= LAST ->
       to_ = KEPT;
       newEpoch(2);
       m[i].next = max(m[i].next, to_); m[i].r = m[i].next;
       m[i].role = acts; to_ = 0 }
#endif
#if INBOUND > 0
  /* The peer's next packet, or an old one that somebody recorded. */
  :: atomic { owns(i) && peerSent < INBOUND && m[i].edge < peerSent + 1 -> peerSent++; m[i].edge = peerSent }
  :: atomic { owns(i) && m[i].edge < peerSent ->
       assert(m[i].edge + 1 > edgeHeld); /* V3: what is accepted anew is above all that was held */
       m[i].edge++ }
#endif
#if IDS > 0
  /* The standby is late: it is told so before anything goes on without it, and asks anew. */
  :: atomic { owns(i) && m[i].peer != 0 && m[o].role == stands && m[o].inc < 3 ->
       m[i].peer = 0; m[o].hot = false; m[o].inc++ }
  :: atomic { owns(i) && asked < IDS && (asked == 0 || answered[asked] != 0) && m[i].id <= asked ->
       asked++; answer() }
  :: atomic { owns(i) && asked > 0 && m[i].id == asked && IS_HELD -> release() }
  /* The answer may have been lost: the peer asks again. */
  :: atomic { owns(i) && asked > 0 && m[i].id < asked -> answer() }
#ifdef NO_STORED_ANSWER
  :: atomic { owns(i) && asked > 0 && m[i].id == asked -> answer() }
#endif
#endif
#if FLIGHT > 1
  /* What came first comes last, or twice. */
  :: atomic { len(to[i]) > 1 ->
       to[i] ? kind, inc, epoch, number, edge, id, by; to[i] ! kind, inc, epoch, number, edge, id, by;
       kind = 0; inc = 0; epoch = 0; number = 0; edge = 0; id = 0; by = 0 }
#ifndef ONCE
  :: atomic { len(to[i]) == 1 ->
       to[i] ? <kind, inc, epoch, number, edge, id, by>; to[i] ! kind, inc, epoch, number, edge, id, by;
       kind = 0; inc = 0; epoch = 0; number = 0; edge = 0; id = 0; by = 0 }
#endif
#endif
  /* What is lost. */
  :: atomic { to[i] ?? [_, _, _, _, _, _, _] -> to[i] ?? _, _, _, _, _, _, _ }
  od
}

init {
  atomic {
    m[0].role = acts; m[0].own = 1; m[0].known = 1; m[0].disk = 1;
    ivs = 4;
    run Gateway(0); run Gateway(1);
    run Surroundings(0); run Surroundings(1)
  }
}
