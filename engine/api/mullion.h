/* Mullion: an RDP decode engine for many sessions in one process. The C ABI.
 *
 * Shapes and units: pixels are 4 bytes each; strides and sizes are bytes; times are nanoseconds.
 * Ownership: everything a function hands out through a pointer belongs to the engine and lives as
 *   long as its comment says; everything handed in is borrowed for the call, or as its comment
 * says. Threads: one controller thread per engine calls everything here, except what says "any
 * thread". Events are delivered only inside mln_engine_dispatch, on the thread that calls it.
 * Errors: functions return mln_err; nothing here prints, aborts or throws.
 * Versioning: structs that the caller fills begin with struct_size = sizeof(the struct).
 */
#ifndef MULLION_API_MULLION_H_
#define MULLION_API_MULLION_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define MLN_API
#else
#define MLN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mln_err {
  MLN_OK = 0,
  MLN_ERR_TRUNCATED = 1,   /* input ended inside a field */
  MLN_ERR_MALFORMED = 2,   /* a field has a forbidden value */
  MLN_ERR_UNSUPPORTED = 3, /* valid, but not decoded by this build */
  MLN_ERR_LIMIT = 4,   /* larger than a configured bound; or a full queue: dispatch, try again */
  MLN_ERR_STATE = 5,   /* valid, but not now */
  MLN_ERR_IO = 6,      /* a file or socket failed */
  MLN_ERR_INTERNAL = 7 /* our fault */
} mln_err;

typedef struct mln_engine mln_engine;   /* one pool, one network thread, many sessions */
typedef struct mln_session mln_session; /* one RDP connection */
typedef struct mln_replay mln_replay;   /* one capture file that is being replayed */

/* An error in words. `message` is a zero-terminated sentence; `field` a static string or "". */
typedef struct mln_error {
  mln_err code;
  uint32_t offset; /* byte offset of the field in its PDU, file or stream */
  const char* field;
  char message[256];
} mln_error;

typedef enum mln_format { MLN_BGRX32 = 0, MLN_RGBX32 = 1 } mln_format;

typedef struct mln_rect {
  int32_t x, y, w, h; /* pixels */
} mln_rect;

/* A framebuffer: row y starts at data + y * stride_bytes. */
typedef struct mln_framebuffer {
  uint8_t* data;
  int32_t width_px, height_px;
  int64_t stride_bytes;
  mln_format format;
} mln_framebuffer;

/* ---- events ------------------------------------------------------------------------------- */

typedef enum mln_event_kind {
  MLN_EVENT_SESSION_OPENED = 1, /* a session begins; mln_session_set_user may be called now */
  MLN_EVENT_RESIZED = 2,        /* the desktop has a (new) size; mln_session_set_framebuffer may be
                                   called now, otherwise the engine allocates; contents are black */
  MLN_EVENT_FRAME = 3,          /* a frame is committed; nothing writes the framebuffer until the
                                   callback returns */
  MLN_EVENT_POINTER = 4,        /* pointer shape, visibility or position */
  MLN_EVENT_SESSION_INFO = 5,   /* logon notification, server error info, monitor layout ... */
  MLN_EVENT_LOST = 6,           /* a rectangle could not be decoded and keeps its old pixels */
  MLN_EVENT_DISCONNECTED = 7,   /* the last event of a session; its handle stays valid until
                                   mln_session_close or the engine's end */
  MLN_EVENT_REPLAY_ENDED = 8    /* a replay has delivered all its sessions' last events */
} mln_event_kind;

typedef struct mln_event_frame {
  uint64_t index;    /* 0, 1, 2 ... within the session */
  uint32_t frame_id; /* of the last frame marker; 0 if the server sends none */
  mln_rect bounds;   /* bounding rectangle of the region */
  const mln_rect*
      region; /* changed rectangles, in commit order; may overlap; valid in the callback */
  size_t region_count;
  mln_framebuffer framebuffer;
  uint64_t commit_latency_ns; /* from the frame's last packet entering its ring to its commit */
} mln_event_frame;

typedef enum mln_pointer_kind {
  MLN_POINTER_DEFAULT = 0, /* show the system's default arrow */
  MLN_POINTER_HIDDEN = 1,
  MLN_POINTER_POSITION = 2, /* the server moved the pointer: x, y */
  MLN_POINTER_SHAPE = 3     /* a new or cached shape */
} mln_pointer_kind;

typedef struct mln_event_pointer {
  mln_pointer_kind kind;
  int32_t x, y;                /* MLN_POINTER_POSITION: desktop pixels */
  int32_t width_px, height_px; /* MLN_POINTER_SHAPE */
  int32_t hot_x, hot_y;
  const uint8_t*
      bgra; /* width_px * height_px * 4 bytes, top-down, straight alpha; in the callback */
  uint32_t cache_index;
} mln_event_pointer;

typedef struct mln_monitor {
  mln_rect rect; /* as the server lays them out; may lie left of or above the origin */
  int32_t primary;
} mln_monitor;

typedef struct mln_event_resized {
  int32_t width_px, height_px;
  const mln_monitor* monitors; /* NULL where the server told none; valid in the callback */
  size_t monitor_count;
} mln_event_resized;

typedef struct mln_event_info {
  const char* name;   /* e.g. "save_session_info", "set_error_info", "monitor_layout" */
  const char* detail; /* text for a log; valid in the callback */
  uint32_t code;      /* error info code, logon info type, monitor count ... */
} mln_event_info;

typedef struct mln_event_lost {
  mln_rect rect;
  const char* codec; /* static string: "remotefx", "planar" ... */
  mln_error error;
} mln_event_lost;

typedef struct mln_event_disconnected {
  int graceful;    /* 1: the server or the user ended it; 0: an error did */
  mln_error error; /* code MLN_OK when graceful; message says the reason either way */
} mln_event_disconnected;

typedef struct mln_event_replay {
  mln_replay* replay;
  mln_error error; /* MLN_OK, or why the file could not be read to its end */
} mln_event_replay;

typedef struct mln_event {
  mln_event_kind kind;
  mln_session* session; /* NULL for MLN_EVENT_REPLAY_ENDED */
  void* user;           /* as set by mln_session_set_user */
  uint64_t time_ns;     /* since the session's first byte, in capture (or wall) time */
  union {
    mln_event_resized resized;
    mln_event_frame frame;
    mln_event_pointer pointer;
    mln_event_info info;
    mln_event_lost lost;
    mln_event_disconnected disconnected;
    mln_event_replay replay;
  } u;
} mln_event;

typedef void (*mln_event_fn)(void* user, const mln_event* event);

/* ---- engine ------------------------------------------------------------------------------- */

typedef enum mln_delivery {
  MLN_DELIVER_EVERY_FRAME = 0, /* the next frame is committed after this one's callback returned */
  MLN_DELIVER_LATEST = 1       /* a slow embedder sees the newest frame; regions are merged */
} mln_delivery;

/* Bounds on what a peer can make the engine allocate. 0 means the default in brackets. */
typedef struct mln_limits {
  uint32_t max_desktop_px;    /* width * height [8192 * 8192] */
  uint32_t max_pdu_bytes;     /* one reassembled update [64 MiB] */
  uint32_t max_scratch_bytes; /* decoded pixels waiting for their turn, per session [2 MiB] */
  uint32_t max_queued_bytes;  /* undecoded packets per session [1 MiB] */
  uint32_t max_waiting_bytes; /* commands waiting to be committed, as on the wire but inflated, per
                                 session; what comes in one buffer always fits [16 MiB] */
  uint32_t max_pointer_px;    /* width or height [384] */
  uint32_t max_channel_bytes; /* one reassembled channel message, static or dynamic [16 MiB] */
  /* The graphics pipeline, per session: */
  uint32_t max_surface_bytes;    /* all surfaces, with or without memory of their own [256 MiB] */
  uint32_t max_cache_bytes;      /* bitmap cache [100 MiB] */
  uint32_t max_tile_state_bytes; /* progressive tiles that may be refined [256 MiB] */
  uint32_t max_decoders;         /* H.264 decoders [16] */
} mln_limits;

/* A whole PDU for a session's server, to be sent as it is and in this order. Any thread, at most
 * one call per session at a time; must not block, nor call anything of this engine. */
typedef void (*mln_output_fn)(void* user, mln_session* session, const uint8_t* bytes, size_t size);

typedef struct mln_engine_options {
  uint32_t struct_size;
  int32_t workers; /* decode threads; -1: one per core; 0: inline, no pool threads */
  mln_delivery delivery;
  mln_format format; /* of engine-owned framebuffers */
  mln_limits limits;
  mln_event_fn on_event;   /* required */
  void* user;              /* first argument of on_event and on_output */
  mln_output_fn on_output; /* for sessions that answer; may be NULL */
} mln_engine_options;

/* Fills defaults. Any thread. */
MLN_API void mln_engine_options_init(mln_engine_options* options);
MLN_API mln_err mln_engine_create(const mln_engine_options* options, mln_engine** engine);
/* Stops the threads, ends all sessions without further events, frees everything. NULL is fine. Not
 * inside a callback. */
MLN_API void mln_engine_destroy(mln_engine* engine);
/* Delivers queued events on this thread; waits up to timeout_ms for the first (0: does not wait,
 * -1: for ever), or until a session whose queue was full has room again. Returns the number of
 * events delivered. Not re-entrant from a callback (returns 0). */
MLN_API int mln_engine_dispatch(mln_engine* engine, int timeout_ms);
/* A file descriptor that is readable while events wait, or when a session whose queue was full has
 * room again; owned by the engine. */
MLN_API int mln_engine_fd(const mln_engine* engine);

/* ---- sessions ----------------------------------------------------------------------------- */

typedef enum mln_direction { MLN_TO_CLIENT = 0, MLN_TO_SERVER = 1 } mln_direction;

/* A session whose decrypted bytes the caller provides, both directions, from the first X.224 byte.
 */
MLN_API mln_err mln_session_create(mln_engine* engine, void* user, mln_session** session);
/* The session answers its server instead of watching: dynamic channels (only the graphics pipeline
 * is accepted), its capabilities, and an acknowledgement for every frame, as it is committed, go to
 * on_output. The caller connects, secures and sends, and feeds what it receives, and its own part
 * of the connection sequence. Before the first byte; MLN_ERR_STATE otherwise, or without on_output.
 */
MLN_API mln_err mln_session_answer(mln_session* session);
/* 1: tells the server with the next frame not to wait for acknowledgements, and sends no more; 0:
 * goes on with them. Any thread. */
MLN_API void mln_session_suspend_acks(mln_session* session, int suspend);
/* Queues bytes (copied); what few bytes mean (4 KiB) is decoded and committed right here, for about
 * 0.1 ms at most. MLN_ERR_LIMIT: the queue is full; dispatch and feed the same bytes again.
 * MLN_ERR_STATE after mln_session_finish or the end of the session. time_ns never decreases. */
MLN_API mln_err mln_session_feed(mln_session* session, mln_direction direction, uint64_t time_ns,
                                 const uint8_t* bytes, size_t size);
/* No more bytes will come; MLN_EVENT_DISCONNECTED follows when all is committed. */
MLN_API mln_err mln_session_finish(mln_session* session);
/* Frees the session; work in flight is discarded, and nothing touches its framebuffer any more.
 * Also inside a callback. The handle is invalid afterwards. */
MLN_API void mln_session_close(mln_session* session);

MLN_API void mln_session_set_user(mln_session* session, void* user);
MLN_API void* mln_session_user(const mln_session* session);
/* Only inside the MLN_EVENT_RESIZED callback. The memory (height_px * |stride_bytes|, e.g. shared
 * memory) is the caller's and must stay valid until the next RESIZED event or the session's close.
 */
MLN_API mln_err mln_session_set_framebuffer(mln_session* session, uint8_t* data,
                                            int64_t stride_bytes, mln_format format);
/* Holds the framebuffer still, at a frame boundary, until mln_session_unlock; decoding goes on.
 * MLN_ERR_STATE while a frame is half committed: wait for its event. Any thread. */
MLN_API mln_err mln_session_lock(mln_session* session, mln_framebuffer* framebuffer);
MLN_API void mln_session_unlock(mln_session* session);

typedef enum mln_surface_mapping {
  MLN_SURFACE_UNMAPPED = 0,
  MLN_SURFACE_OUTPUT = 1, /* shown in `target`, desktop pixels; scaled if the sizes differ */
  MLN_SURFACE_WINDOW = 2  /* a remote application's window; not composed here */
} mln_surface_mapping;

/* An offscreen surface of the graphics pipeline (MS-RDPEGFX 3.3.1.6). */
typedef struct mln_surface {
  uint32_t struct_size;
  uint32_t id;
  int32_t has_alpha; /* the fourth byte of its pixels is opacity, not 0xFF */
  mln_surface_mapping mapping;
  mln_rect target;
  mln_framebuffer pixels; /* data is NULL while nothing was drawn; else as long as it holds still */
} mln_surface;
/* The session's surfaces by index; MLN_ERR_STATE past the end. Only while they hold still: in the
 * callbacks of MLN_EVENT_FRAME and MLN_EVENT_DISCONNECTED, after the latter, and between
 * mln_session_lock and mln_session_unlock; MLN_ERR_STATE otherwise. */
MLN_API mln_err mln_session_surface(const mln_session* session, uint32_t index,
                                    mln_surface* surface);

/* What is known of a session; strings live as long as the session. */
typedef struct mln_session_info {
  uint32_t struct_size;
  const char* client;      /* "address:port", or "" */
  const char* server;      /* "address:port", or "" */
  const char* security;    /* "rdp", "tls", "nla", "nla-ex", "rdstls", "aad" or "unknown" */
  const char* tls;         /* "TLS 1.3 TLS_AES_256_GCM_SHA384", or "" */
  const char* client_name; /* from the client core data, UTF-8, or "" */
  int32_t width_px, height_px, bits_per_pixel; /* of the desktop; 0 before activation */
  uint32_t channel_count;                      /* static virtual channels */
  uint32_t activations;                        /* demand/confirm active rounds */
  uint64_t frames, lost;
  int32_t ended; /* 1 after MLN_EVENT_DISCONNECTED was queued */
} mln_session_info;
MLN_API mln_err mln_session_get_info(const mln_session* session, mln_session_info* info);
/* Static channels by index: name, MCS id. MLN_ERR_STATE past the end. */
MLN_API mln_err mln_session_channel(const mln_session* session, uint32_t index, const char** name,
                                    uint32_t* id);

/* A named counter. Names are stable and grouped by prefix:
 *   pdu/NAME        server PDUs by type            client/NAME     client PDUs by type
 *   update/NAME     graphics and pointer updates   egfx/NAME       graphics pipeline PDUs by type
 *   codec/NAME      ops by codec                   tiles/NAME      tiles by codec
 *   codec-id/NAME   negotiated ids (the value)     bulk/NAME       compressed units by type
 *   channel/NAME    messages by static channel     dynamic/NAME    dynamic channels opened
 *   undecoded/NAME  seen, but not decoded          lost/NAME       failed ops by codec
 * Enumerate from 0; MLN_ERR_STATE past the end. `name` lives as long as the session. */
MLN_API mln_err mln_session_counter(const mln_session* session, uint32_t index, const char** name,
                                    uint64_t* value);

typedef struct mln_metrics {
  uint32_t struct_size;
  uint64_t packets, bytes_in, bytes_inflated;
  uint64_t ops, tiles, pixels; /* pixels: decoded, before clipping */
  uint64_t frames, lost;
  uint64_t queued_packets, queued_ops;         /* now */
  uint64_t max_queued_packets, max_queued_ops; /* high-water marks */
  uint64_t scratch_bytes, max_scratch_bytes;
  uint64_t waiting_bytes, max_waiting_bytes; /* buffers of commands that wait to be committed */
  /* The graphics pipeline's memory, now: surfaces that are not the framebuffer itself, bitmap
   * cache, progressive tiles that may be refined, H.264 decoders (estimated) */
  uint64_t surface_bytes, cache_bytes, tile_state_bytes, decoder_bytes;
  uint64_t decode_p50_ns, decode_p99_ns, decode_max_ns; /* one op, start to end */
  uint64_t commit_p50_ns, commit_p99_ns, commit_max_ns; /* last packet of a frame to its commit */
} mln_metrics;
/* Any thread. Percentiles come from histograms with 1/16 resolution. */
MLN_API mln_err mln_session_metrics(const mln_session* session, mln_metrics* metrics);
MLN_API mln_err mln_engine_metrics(const mln_engine* engine, mln_metrics* metrics);

/* ---- replay ------------------------------------------------------------------------------- */

typedef struct mln_replay_options {
  uint32_t struct_size;
  const char* keylog_path; /* NSS key log, or NULL: secrets in the file only */
  double speed;            /* 0: as fast as it decodes; 1: real time; 2: twice real time */
  uint32_t copies;         /* sessions per captured session [1] */
  uint32_t loops;          /* times to play the file [1] */
} mln_replay_options;
MLN_API void mln_replay_options_init(mln_replay_options* options);
/* Starts replaying a pcap or pcapng file, or a dump of bare graphics pipeline PDUs. Sessions appear
 * as MLN_EVENT_SESSION_OPENED. MLN_ERR_IO etc. with *error filled when the file cannot be opened or
 * is no capture. */
MLN_API mln_err mln_replay_open(mln_engine* engine, const char* path,
                                const mln_replay_options* options, mln_replay** replay,
                                mln_error* error);
/* Stops it and frees it. Its sessions that have not ended are closed, without further events; the
 * ended ones stay until mln_session_close. Also allowed after MLN_EVENT_REPLAY_ENDED. */
MLN_API void mln_replay_close(mln_replay* replay);

/* ---- the rest ----------------------------------------------------------------------------- */

/* "1.2.3". Any thread. */
MLN_API const char* mln_version(void);
/* "truncated", "malformed" ... Any thread. */
MLN_API const char* mln_err_name(mln_err err);
/* The SIMD target in use, e.g. "AVX2". Any thread. */
MLN_API const char* mln_simd_target(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* MULLION_API_MULLION_H_ */
