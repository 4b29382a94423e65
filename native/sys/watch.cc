// Tells the main thread's event loop that a descriptor can be read, so that the main thread need never block.
//
// `new Watch(fd, callback)` calls back while there is something to read or an error to take; `close()` before the
// descriptor is closed.
// A watch keeps the process alive unless `unref()` was called.

#include <fcntl.h>
#include <napi.h>

#include <cstdlib>

#include "arguments.h"
#include "failure.h"
#include "parts.h"
#include "uv.h"

namespace sys {
namespace {

class Watch;

/// What libuv holds. It outlives its Watch by the turn of the loop that closing takes.
struct Source {
  uv_handle_s* handle = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  Watch* owner = nullptr;
  int fd = -1;
  bool closing = false;
};

class Watch : public Napi::ObjectWrap<Watch> {
 public:
  explicit Watch(const Napi::CallbackInfo& info);
  ~Watch() override;

  void close(const Napi::CallbackInfo& info);
  void ref(const Napi::CallbackInfo& info);
  void unref(const Napi::CallbackInfo& info);
  void call();
  void forget();

 private:
  Source* source_ = nullptr;
  Napi::FunctionReference callback_;
  Napi::AsyncContext context_;
};

void freed(uv_handle_s* handle) {
  auto* source = static_cast<Source*>(uv_handle_get_data(handle));
  if (source->hook != nullptr) napi_remove_async_cleanup_hook(source->hook);
  std::free(handle);
  delete source;
}

void shut(Source* source) {
  if (source->closing) return;
  source->closing = true;
  if (source->owner != nullptr) source->owner->forget();
  source->owner = nullptr;
  uv_poll_stop(source->handle);
  uv_close(source->handle, freed);
}

/// Runs when the environment ends, in a worker as well, with the watch still open.
void environmentEnds(napi_async_cleanup_hook_handle, void* data) { shut(static_cast<Source*>(data)); }

void ready(uv_handle_s* handle, int status, int) {
  auto* source = static_cast<Source*>(uv_handle_get_data(handle));
  // libuv stops at an error on the socket (an interface that went down). The owner takes the error by reading, and
  // goes on.
  if (status < 0 && fcntl(source->fd, F_GETFD) >= 0) uv_poll_start(handle, kUvReadable, ready);
  if (source->owner != nullptr) source->owner->call();
}

Watch::Watch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Watch>(info), context_(info.Env(), "understudy.watch") {
  const Arguments arguments(info, "Watch");
  const int fd = arguments.descriptor(0);
  callback_ = Napi::Persistent(arguments.function(1, "callback"));

  uv_loop_s* loop = nullptr;
  if (napi_get_uv_event_loop(info.Env(), &loop) != napi_ok) throw Napi::Error::New(info.Env(), "Watch: no event loop");
  auto* handle = static_cast<uv_handle_s*>(std::calloc(1, uv_handle_size(kUvPoll)));
  if (handle == nullptr) throw systemFailure(info.Env(), "calloc", ENOMEM);
  const int result = uv_poll_init(loop, handle, fd);
  if (result < 0) {
    std::free(handle);
    throw systemFailure(info.Env(), "uv_poll_init", -result);
  }
  source_ = new Source{handle, nullptr, this, fd, false};
  uv_handle_set_data(handle, source_);
  napi_add_async_cleanup_hook(info.Env(), environmentEnds, source_, &source_->hook);
  uv_poll_start(handle, kUvReadable, ready);
  Ref();
}

Watch::~Watch() {
  if (source_ != nullptr) source_->owner = nullptr;
}

void Watch::call() {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  napi_value ignored = nullptr;
  // The C interface, because a C++ exception must not pass through libuv.
  const napi_status status = napi_make_callback(env, context_, Value(), callback_.Value(), 0, nullptr, &ignored);
  if (status != napi_pending_exception) return;
  napi_value error = nullptr;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

void Watch::forget() { source_ = nullptr; }

void Watch::close(const Napi::CallbackInfo&) {
  if (source_ == nullptr) return;
  shut(source_);
  callback_.Reset();
  Unref();
}

void Watch::ref(const Napi::CallbackInfo&) {
  if (source_ != nullptr) uv_ref(source_->handle);
}

void Watch::unref(const Napi::CallbackInfo&) {
  if (source_ != nullptr) uv_unref(source_->handle);
}

}  // namespace

void exportWatch(Napi::Env env, Napi::Object exports) {
  exports.Set("Watch", Watch::DefineClass(env, "Watch",
                                          {
                                              Watch::InstanceMethod<&Watch::close>("close"),
                                              Watch::InstanceMethod<&Watch::ref>("ref"),
                                              Watch::InstanceMethod<&Watch::unref>("unref"),
                                          }));
}

}  // namespace sys
