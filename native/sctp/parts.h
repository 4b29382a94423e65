// Every file of this addon puts its own functions on the exports; module.cc calls them in turn.
#pragma once

#include <napi.h>

namespace sctp {

void exportStack(Napi::Env env, Napi::Object exports);
void exportSource(Napi::Env env, Napi::Object exports);
void exportEndpoint(Napi::Env env, Napi::Object exports);

/// Rung by usrsctp's threads when something happened to any endpoint. Never closed: a thread may ring late.
int bell();

}  // namespace sctp
