// libfreerdp2's side: one thread and one context per session, drawn into its own GDI framebuffer,
// without a window. Built without libfreerdp2, it is not there.
#include "bench/session_client.h"

#ifdef MULLION_HAVE_ORACLE
#include <freerdp/addin.h>
#include <freerdp/client/channels.h>
#include <freerdp/client/cmdline.h>
#include <freerdp/client/rdpgfx.h>
#include <freerdp/constants.h>
#include <freerdp/freerdp.h>
#include <freerdp/gdi/gdi.h>
#include <freerdp/gdi/gfx.h>
#include <freerdp/graphics.h>
#include <sys/socket.h>
#include <winpr/synch.h>
#include <winpr/wlog.h>

#include <cstring>
#include <string>
#include <thread>

namespace {

// Of the connection that this thread serves.
thread_local std::atomic<uint64_t>* bytes_received = nullptr;

}  // namespace

// libfreerdp2 reads its socket through this definition, since the program's come before the C
// library's: so a frame knows which byte of the script it ended with.
extern "C" ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  const ssize_t got = recvfrom(fd, buffer, size, flags, nullptr, nullptr);
  if (got > 0 && (flags & MSG_PEEK) == 0 && bytes_received != nullptr) {
    bytes_received->fetch_add(static_cast<uint64_t>(got), std::memory_order_relaxed);
  }
  return got;
}
#endif

namespace mullion::bench {

#ifdef MULLION_HAVE_ORACLE
namespace {

struct Session {
  const SessionScript* script = nullptr;
  size_t index = 0;
  const ScriptServer* server = nullptr;
  FrameLog* log = nullptr;
  std::atomic<bool> connected{false};
  std::atomic<bool> failed{false};
  std::atomic<uint64_t> received{0};
  size_t next_frame = 0;  // of script->frames
  pReceiveChannelData receive_channel_data = nullptr;
  pcRdpgfxEndFrame end_frame = nullptr;
  std::thread thread;
};

struct Context {
  rdpContext context;  // libfreerdp2 takes the address of this struct for that of its own
  Session* session;
};

Session& SessionOf(rdpContext* context) { return *reinterpret_cast<Context*>(context)->session; }

BOOL BeginPaint(rdpContext* context) {
  context->gdi->primary->hdc->hwnd->invalid->null = TRUE;
  context->gdi->primary->hdc->hwnd->ninvalid = 0;
  return TRUE;
}

BOOL EndPaint(rdpContext* context) {
  if (context->gdi->primary->hdc->hwnd->invalid->null) return TRUE;
  Session& session = SessionOf(context);
  if (session.script->graphics_pipeline) return TRUE;  // see EndFrame
  const uint64_t start_ns = session.server->start_ns(session.index);
  if (start_ns == ScriptServer::kNotStarted) return TRUE;
  session.log->Add(start_ns + session.script->TimeOfServerByte(session.received.load()));
  return TRUE;
}

// The graphics pipeline is drawn by a thread of its own, behind the one that reads: what was read
// does not say what is drawn, so frames are known by their ids.
UINT EndFrame(RdpgfxClientContext* gfx, const RDPGFX_END_FRAME_PDU* pdu) {
  Session& session = SessionOf(static_cast<rdpGdi*>(gfx->custom)->context);
  const UINT result = session.end_frame(gfx, pdu);
  if (result != CHANNEL_RC_OK) session.log->failures.fetch_add(1);
  const std::vector<ScriptFrame>& frames = session.script->frames;
  size_t next = session.next_frame;
  while (next < frames.size() && frames[next].frame_id != pdu->frameId) ++next;
  const uint64_t start_ns = session.server->start_ns(session.index);
  if (next == frames.size() || start_ns == ScriptServer::kNotStarted) return result;
  session.next_frame = next + 1;
  session.log->Add(start_ns + frames[next].time_ns);
  return result;
}

void OnChannelConnected(void* context, ChannelConnectedEventArgs* event) {
  if (std::strcmp(event->name, RDPGFX_DVC_CHANNEL_NAME) != 0) return;
  auto* gfx = static_cast<RdpgfxClientContext*>(event->pInterface);
  auto* rdp_context = static_cast<rdpContext*>(context);
  if (!gdi_graphics_pipeline_init(rdp_context->gdi, gfx)) return;
  SessionOf(rdp_context).end_frame = gfx->EndFrame;
  gfx->EndFrame = EndFrame;
}

void OnChannelDisconnected(void* context, ChannelDisconnectedEventArgs* event) {
  if (std::strcmp(event->name, RDPGFX_DVC_CHANNEL_NAME) != 0) return;
  gdi_graphics_pipeline_uninit(static_cast<rdpContext*>(context)->gdi,
                               static_cast<RdpgfxClientContext*>(event->pInterface));
}

BOOL DesktopResize(rdpContext* context) {
  return gdi_resize(context->gdi, context->settings->DesktopWidth,
                    context->settings->DesktopHeight);
}

// The channels as captured, in their order, whatever was loaded.
bool SetChannels(const SessionScript& script, rdpSettings* s) {
  if (script.channels.size() > s->ChannelDefArraySize) return false;
  for (size_t i = 0; i < script.channels.size(); ++i) {
    CHANNEL_DEF& channel = s->ChannelDefArray[i];
    std::snprintf(channel.name, sizeof(channel.name), "%s", script.channels[i].c_str());
    channel.options = script.channel_options[i];
  }
  s->ChannelCount = static_cast<UINT32>(script.channels.size());
  return true;
}

BOOL PreConnect(freerdp* instance) {
  const SessionScript& script = *SessionOf(instance->context).script;
  if (script.graphics_pipeline) {
    PubSub_SubscribeChannelConnected(instance->context->pubSub, OnChannelConnected);
    PubSub_SubscribeChannelDisconnected(instance->context->pubSub, OnChannelDisconnected);
    if (!freerdp_client_load_addins(instance->context->channels, instance->settings)) return FALSE;
  }
  return SetChannels(script, instance->settings);
}

BOOL PostConnect(freerdp* instance) {
  if (!gdi_init(instance, PIXEL_FORMAT_BGRX32)) return FALSE;
  rdpUpdate* update = instance->update;
  update->BeginPaint = BeginPaint;
  update->EndPaint = EndPaint;
  update->DesktopResize = DesktopResize;
  // A shape is decoded by its New, as a client with a window would do; nothing shows it.
  rdpPointer pointer{};
  pointer.size = sizeof(rdpPointer);
  pointer.New = [](rdpContext*, rdpPointer*) -> BOOL { return TRUE; };
  pointer.Free = [](rdpContext*, rdpPointer*) {};
  pointer.Set = [](rdpContext*, const rdpPointer*) -> BOOL { return TRUE; };
  pointer.SetNull = [](rdpContext*) -> BOOL { return TRUE; };
  pointer.SetDefault = [](rdpContext*) -> BOOL { return TRUE; };
  pointer.SetPosition = [](rdpContext*, UINT32, UINT32) -> BOOL { return TRUE; };
  graphics_register_pointer(instance->context->graphics, &pointer);
  SessionOf(instance->context).connected.store(true);
  return TRUE;
}

// What a channel carries that is not loaded is read and dropped.
BOOL ReceiveChannelData(freerdp* instance, UINT16 id, const BYTE* data, size_t size, UINT32 flags,
                        size_t total) {
  const Session& session = SessionOf(instance->context);
  if (session.script->graphics_pipeline) {
    (void)session.receive_channel_data(instance, id, data, size, flags, total);
  }
  return TRUE;
}

void PostDisconnect(freerdp* instance) { gdi_free(instance); }

void Configure(const Session& session, rdpSettings* s) {
  const SessionScript& script = *session.script;
  s->ServerHostname = strdup(session.server->address(session.index).c_str());
  s->Username = strdup("user");
  s->DesktopWidth = static_cast<UINT32>(script.width_px);
  s->DesktopHeight = static_cast<UINT32>(script.height_px);
  s->ColorDepth = static_cast<UINT32>(script.bits_per_pixel);
  s->NegotiateSecurityLayer = TRUE;
  s->RdpSecurity = TRUE;
  s->TlsSecurity = s->NlaSecurity = s->ExtSecurity = FALSE;
  s->IgnoreCertificate = TRUE;
  s->SoftwareGdi = TRUE;
  s->RemoteFxCodec = s->NSCodec = s->JpegCodec = TRUE;
  s->FastPathOutput = s->FastPathInput = TRUE;
  s->SurfaceCommandsEnabled = s->FrameMarkerCommandEnabled = s->SurfaceFrameMarkerEnabled = TRUE;
  s->LargePointerFlag = 3;
  s->MultifragMaxRequestSize = 16 << 20;
  s->CompressionEnabled = TRUE;
  s->SupportGraphicsPipeline = script.graphics_pipeline;
  s->GfxProgressive = s->GfxH264 = s->GfxAVC444 = s->GfxAVC444v2 = TRUE;
  s->NetworkAutoDetect = s->SupportHeartbeatPdu = s->SupportMultitransport = FALSE;
  s->DeviceRedirection = s->RedirectClipboard = s->AudioPlayback = FALSE;
}

// One connection, from its beginning to its end.
void RunConnection(Session* session) {
  session->received.store(0);
  session->next_frame = 0;
  bytes_received = &session->received;
  freerdp* instance = freerdp_new();
  instance->ContextSize = sizeof(Context);
  instance->PreConnect = PreConnect;
  instance->PostConnect = PostConnect;
  instance->PostDisconnect = PostDisconnect;
  session->receive_channel_data = instance->ReceiveChannelData;
  instance->ReceiveChannelData = ReceiveChannelData;
  if (!freerdp_context_new(instance)) return session->failed.store(true);
  reinterpret_cast<Context*>(instance->context)->session = session;
  Configure(*session, instance->settings);
  if (!freerdp_connect(instance)) {
    session->failed.store(true);
  } else {
    while (!freerdp_shall_disconnect(instance)) {
      HANDLE handles[64];
      const DWORD count = freerdp_get_event_handles(instance->context, handles, 64);
      if (count == 0 || WaitForMultipleObjects(count, handles, FALSE, INFINITE) == WAIT_FAILED)
        break;
      if (!freerdp_check_event_handles(instance->context)) break;
    }
    freerdp_disconnect(instance);
  }
  freerdp_context_free(instance);
  freerdp_free(instance);
}

class FreerdpClient final : public SessionClient {
 public:
  FreerdpClient(const ScriptServer& server, const std::vector<const SessionScript*>& sessions) {
    if (std::getenv("MULLION_BENCH_WLOG") == nullptr) WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
    freerdp_register_addin_provider(freerdp_channels_load_static_addin_entry, 0);
    for (size_t i = 0; i < sessions.size(); ++i) {
      auto session = std::make_unique<Session>();
      session->script = sessions[i];
      session->index = i;
      session->server = &server;
      session->log = &log_;
      sessions_.push_back(std::move(session));
    }
  }
  // Its threads end with the process: a session has no way out of its wait.
  ~FreerdpClient() override {
    for (auto& session : sessions_) {
      if (session->thread.joinable()) session->thread.detach();
    }
    for (auto& session : sessions_) (void)session.release();
  }

  bool Connect(uint64_t timeout_ns) override {
    for (auto& session : sessions_) {
      session->thread = std::thread([raw = session.get()] {
        while (!raw->failed.load()) RunConnection(raw);
        raw->log->failures.fetch_add(1);
      });
    }
    const uint64_t deadline_ns = NowNs() + timeout_ns;
    while (NowNs() < deadline_ns) {
      bool all = true;
      for (const auto& session : sessions_) {
        if (session->failed.load()) return false;
        all = all && session->connected.load();
      }
      if (all) return true;
      RunFor(1'000'000);
    }
    return false;
  }

  void RunFor(uint64_t ns) override { std::this_thread::sleep_for(std::chrono::nanoseconds(ns)); }

  uint64_t framebuffer_bytes() const override {
    uint64_t sum = 0;
    for (const auto& session : sessions_) {
      sum += static_cast<uint64_t>(session->script->width_px) *
             static_cast<uint64_t>(session->script->height_px) * 4;
    }
    return sum;
  }

 private:
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace

std::unique_ptr<SessionClient> MakeFreerdpClient(
    const ScriptServer& server, const std::vector<const SessionScript*>& sessions) {
  return std::make_unique<FreerdpClient>(server, sessions);
}
#else
std::unique_ptr<SessionClient> MakeFreerdpClient(const ScriptServer&,
                                                 const std::vector<const SessionScript*>&) {
  return nullptr;
}
#endif

}  // namespace mullion::bench
