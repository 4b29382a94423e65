// What the calling process or thread may do, and how the kernel treats it.

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

/// effectiveCapabilities(): a bit mask of 41 bits, which a number holds exactly.
Napi::Value effectiveCapabilities(const Napi::CallbackInfo& info) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) < 0) throw systemFailure(info.Env(), "capget", errno);
  return Napi::Number::New(info.Env(), static_cast<double>(data[1].effective) * 4294967296.0 + data[0].effective);
}

/// realtimeLimit(): the highest SCHED_FIFO priority that RLIMIT_RTPRIO permits without CAP_SYS_NICE; 0 for none.
Napi::Value realtimeLimit(const Napi::CallbackInfo& info) {
  rlimit limit{};
  if (getrlimit(RLIMIT_RTPRIO, &limit) < 0) throw systemFailure(info.Env(), "getrlimit", errno);
  const rlim_t highest = static_cast<rlim_t>(sched_get_priority_max(SCHED_FIFO));
  return Napi::Number::New(info.Env(), static_cast<double>(limit.rlim_cur < highest ? limit.rlim_cur : highest));
}

/// setRealtime(priority): SCHED_FIFO for the calling thread, or the ordinary scheduler for 0. RLIMIT_RTPRIO or
/// CAP_SYS_NICE.
Napi::Value setRealtime(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "setRealtime");
  sched_param parameters{};
  parameters.sched_priority = static_cast<int>(arguments.integer(0, "priority", 0, sched_get_priority_max(SCHED_FIFO)));
  // Threads that this one starts do not inherit it: V8's helpers must not outrank the rest of the machine.
  const int policy = (parameters.sched_priority == 0 ? SCHED_OTHER : SCHED_FIFO) | SCHED_RESET_ON_FORK;
  if (sched_setscheduler(0, policy, &parameters) < 0) throw systemFailure(info.Env(), "sched_setscheduler", errno);
  return info.Env().Undefined();
}

/// lockMemory(): keeps the process's pages in memory. RLIMIT_MEMLOCK or CAP_IPC_LOCK.
Napi::Value lockMemory(const Napi::CallbackInfo& info) {
  // Pages are locked as they are touched: V8 reserves far more address space than it uses.
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0) throw systemFailure(info.Env(), "mlockall", errno);
  return info.Env().Undefined();
}

/// setDumpable(permitted): whether the process may leave a core and be traced by its own user.
Napi::Value setDumpable(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "setDumpable");
  if (prctl(PR_SET_DUMPABLE, arguments.boolean(0, "permitted") ? 1 : 0, 0, 0, 0) < 0)
    throw systemFailure(info.Env(), "prctl", errno);
  return info.Env().Undefined();
}

Napi::Value dumpable(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
}

/// setParentDeathSignal(signal): sent to this process when the thread that started it ends; 0 for none.
Napi::Value setParentDeathSignal(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "setParentDeathSignal");
  const int64_t signal = arguments.integer(0, "signal", 0, SIGRTMAX);
  if (prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) < 0) throw systemFailure(info.Env(), "prctl", errno);
  return info.Env().Undefined();
}

}  // namespace

void exportProcess(Napi::Env env, Napi::Object exports) {
  add<effectiveCapabilities>(env, exports, "effectiveCapabilities");
  add<realtimeLimit>(env, exports, "realtimeLimit");
  add<setRealtime>(env, exports, "setRealtime");
  add<lockMemory>(env, exports, "lockMemory");
  add<setDumpable>(env, exports, "setDumpable");
  add<dumpable>(env, exports, "dumpable");
  add<setParentDeathSignal>(env, exports, "setParentDeathSignal");
}

}  // namespace sys
