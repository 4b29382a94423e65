// The few functions of libuv that `watch` needs, declared here because node-api-headers does not ship uv.h and the
// headers of a Node
// installation may be absent. All of them are part of libuv 1's stable ABI, and every Node exports them. The handle's
// size is
// asked for at run time, so its layout is never assumed.
#pragma once

#include <cstddef>

extern "C" {

struct uv_loop_s;
struct uv_handle_s;

constexpr int kUvPoll = 8;      // UV_POLL of uv_handle_type
constexpr int kUvReadable = 1;  // UV_READABLE of uv_poll_event

using uv_poll_callback = void (*)(uv_handle_s* handle, int status, int events);
using uv_close_callback = void (*)(uv_handle_s* handle);

size_t uv_handle_size(int type);
int uv_poll_init(uv_loop_s* loop, uv_handle_s* handle, int fd);
int uv_poll_start(uv_handle_s* handle, int events, uv_poll_callback callback);
int uv_poll_stop(uv_handle_s* handle);
void uv_close(uv_handle_s* handle, uv_close_callback callback);
void uv_ref(uv_handle_s* handle);
void uv_unref(uv_handle_s* handle);
void* uv_handle_get_data(const uv_handle_s* handle);
void uv_handle_set_data(uv_handle_s* handle, void* data);

}  // extern "C"
