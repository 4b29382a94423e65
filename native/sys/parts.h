// Every file of this addon puts its own functions on the exports; module.cc calls them in turn.
#pragma once

#include <napi.h>

namespace sys {

void exportClock(Napi::Env env, Napi::Object exports);
void exportDescriptor(Napi::Env env, Napi::Object exports);
void exportError(Napi::Env env, Napi::Object exports);
void exportHello(Napi::Env env, Napi::Object exports);
void exportInet(Napi::Env env, Napi::Object exports);
void exportInetMessage(Napi::Env env, Napi::Object exports);
void exportInterface(Napi::Env env, Napi::Object exports);
void exportNetlink(Napi::Env env, Napi::Object exports);
void exportOption(Napi::Env env, Napi::Object exports);
void exportPacket(Napi::Env env, Napi::Object exports);
void exportProcess(Napi::Env env, Napi::Object exports);
void exportTun(Napi::Env env, Napi::Object exports);
void exportUnixDatagram(Napi::Env env, Napi::Object exports);
void exportWait(Napi::Env env, Napi::Object exports);
void exportWatch(Napi::Env env, Napi::Object exports);

/// One function under its name, without an allocation of its own.
template <Napi::Value (*call)(const Napi::CallbackInfo&)>
void add(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<call>(env, name));
}

}  // namespace sys
