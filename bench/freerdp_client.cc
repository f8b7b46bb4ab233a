// libfreerdp2's side: one thread and one context per session, drawn into its own GDI framebuffer,
// without a window. Built without libfreerdp2, it is not there.
#include "bench/session_client.h"

#ifdef MULLION_HAVE_ORACLE
#include <freerdp/constants.h>
#include <freerdp/freerdp.h>
#include <freerdp/gdi/gdi.h>
#include <freerdp/graphics.h>
#include <sys/socket.h>
#include <winpr/synch.h>
#include <winpr/wlog.h>

#include <cstring>
#include <string>
#include <thread>

namespace {

thread_local uint64_t bytes_received = 0;

}  // namespace

// libfreerdp2 reads its socket through this definition, since the program's come before the C
// library's: so a frame knows which byte of the script it ended with.
extern "C" ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  const ssize_t got = recvfrom(fd, buffer, size, flags, nullptr, nullptr);
  if (got > 0 && (flags & MSG_PEEK) == 0) bytes_received += static_cast<uint64_t>(got);
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
  const uint64_t start_ns = session.server->start_ns(session.index);
  if (start_ns == ScriptServer::kNotStarted) return TRUE;
  session.log->Add(start_ns + session.script->TimeOfServerByte(bytes_received));
  return TRUE;
}

BOOL DesktopResize(rdpContext* context) {
  return gdi_resize(context->gdi, context->settings->DesktopWidth,
                    context->settings->DesktopHeight);
}

BOOL PreConnect(freerdp*) { return TRUE; }

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

BOOL DropChannelData(freerdp*, UINT16, const BYTE*, size_t, UINT32, size_t) { return TRUE; }

void PostDisconnect(freerdp* instance) { gdi_free(instance); }

bool Configure(const Session& session, rdpSettings* s) {
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
  if (script.channels.size() > s->ChannelDefArraySize) return false;
  for (size_t i = 0; i < script.channels.size(); ++i) {
    CHANNEL_DEF& channel = s->ChannelDefArray[i];
    std::snprintf(channel.name, sizeof(channel.name), "%s", script.channels[i].c_str());
    channel.options = script.channel_options[i];
  }
  s->ChannelCount = static_cast<UINT32>(script.channels.size());
  return true;
}

// One connection, from its beginning to its end.
void RunConnection(Session* session) {
  bytes_received = 0;
  freerdp* instance = freerdp_new();
  instance->ContextSize = sizeof(Context);
  instance->PreConnect = PreConnect;
  instance->PostConnect = PostConnect;
  instance->PostDisconnect = PostDisconnect;
  // No channel is loaded: what they carry is read and dropped.
  instance->ReceiveChannelData = DropChannelData;
  if (!freerdp_context_new(instance)) return session->failed.store(true);
  reinterpret_cast<Context*>(instance->context)->session = session;
  if (!Configure(*session, instance->settings) || !freerdp_connect(instance)) {
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
