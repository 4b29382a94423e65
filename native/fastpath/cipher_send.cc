// The cipher side's sockets: sending.
#include <algorithm>
#include <cerrno>

#include "cipher_buffers.h"
#include "system_failure.h"

namespace fastpath {

void CipherSockets::send(std::span<const OuterMessage> messages, PathCounters& counters) {
  while (!messages.empty()) {
    const OuterMessage& first = messages.front();
    Socket* socket = socketFor(*first.ends);
    size_t run = 1;
    const auto same = [&](const OuterMessage& next) { return next.df == first.df && socketFor(*next.ends) == socket; };
    while (run < std::min(messages.size(), kBatch) && same(messages[run])) run++;
    if (socket == nullptr) {
      for (const OuterMessage& message : messages.first(run)) counters.drop(DropReason::sendFailed, message.packets());
    } else {
      setDf(*socket, first.df);
      sendRun(*socket, messages.first(run), counters);
    }
    messages = messages.subspan(run);
  }
}

void CipherSockets::sendRun(Socket& socket, std::span<const OuterMessage> messages, PathCounters& counters) {
  SendBuffers& buffers = *send_;
  for (size_t at = 0; at < messages.size(); at++) {
    const OuterMessage& message = messages[at];
    const bool several = message.length > message.segment;
    // Offered for one packet too, it would cost the receiver a slower way.
    const uint16_t segment = several && segmentation_ ? static_cast<uint16_t>(message.segment) : 0;
    // A raw socket takes port numbers for protocol numbers.
    const Endpoint remote{message.ends->remote.address, socket.udp ? message.ends->remote.port : uint16_t{0}};
    const socklen_t name = writeAddress(buffers.names[at], socket.family, remote);
    const size_t control =
        writeControl(buffers.controls[at], socket.family, message.ends->local, message.tos, segment);
    buffers.pieces[at] = {message.data, message.length};
    buffers.messages[at] = {
        {&buffers.names[at], name, &buffers.pieces[at], 1, buffers.controls[at].octets, control, 0}, 0};
  }
  for (size_t sent = 0; sent < messages.size();) {
    if (messages[sent].length > messages[sent].segment && (!socket.udp || !segmentation_)) {
      sendApart(socket, messages[sent++], counters);
      continue;
    }
    size_t end = sent + 1;
    const bool whole = socket.udp && segmentation_;
    while (end < messages.size() && (whole || messages[end].length <= messages[end].segment)) end++;
    const auto offered = static_cast<unsigned>(end - sent);
    const int count = sendmmsg(socket.fd.get(), &buffers.messages[sent], offered, MSG_DONTWAIT);
    counters.gauges.add(Gauge::sendCalls);
    if (count > 0) {
      socket.pendingCleared = false;
      counters.gauges.add(Gauge::sends, static_cast<uint64_t>(count));
      sent += static_cast<size_t>(count);
    } else if (sendFailed(socket, messages[sent], errno, counters)) {
      sent++;
    }
  }
}

/// Raw sockets cannot segment, and neither can some devices: one packet a message.
void CipherSockets::sendApart(Socket& socket, const OuterMessage& message, PathCounters& counters) {
  uint32_t offset = 0;
  while (offset < message.length) {
    size_t count = 0;
    // Arrays of its own: the shared ones hold the messages that wait behind this one.
    std::array<mmsghdr, kBatch> headers;
    std::array<iovec, kBatch> pieces;
    SocketAddress name;
    ControlBuffer control;
    const Endpoint remote{message.ends->remote.address, socket.udp ? message.ends->remote.port : uint16_t{0}};
    const socklen_t nameLength = writeAddress(name, socket.family, remote);
    const size_t controlLength = writeControl(control, socket.family, message.ends->local, message.tos, 0);
    for (uint32_t at = offset; at < message.length && count < kBatch; at += message.segment, count++) {
      pieces[count] = {message.data + at, std::min(message.segment, message.length - at)};
      headers[count] = {{&name, nameLength, &pieces[count], 1, control.octets, controlLength, 0}, 0};
    }
    const int sent = sendmmsg(socket.fd.get(), headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    counters.gauges.add(Gauge::sendCalls);
    if (sent > 0) {
      socket.pendingCleared = false;
      counters.gauges.add(Gauge::sends, static_cast<uint64_t>(sent));
      offset += static_cast<uint32_t>(sent) * message.segment;
      continue;
    }
    OuterMessage one = message;
    one.data += offset;
    one.places += offset / message.segment;
    one.length = std::min(message.segment, message.length - offset);
    one.segment = one.length;
    if (sendFailed(socket, one, errno, counters)) offset += message.segment;
  }
}

/// The host's own refusal of a packet names the MTU. What names none may be what ICMP said about an earlier packet, or
/// segments larger than the device takes (seen with Linux 6.18): sent apart, each goes or is told its MTU.
bool CipherSockets::sendTooBig(Socket& socket, const OuterMessage& message, PathCounters& counters) {
  const uint32_t local = readErrorsOf(socket);
  learnPathMtu(message, local);
  if (local == 0 && message.length > message.segment) {
    sendApart(socket, message, counters);
    return true;
  }
  if (local == 0 && !socket.pendingCleared) {
    socket.pendingCleared = true;
    return false;
  }
  socket.pendingCleared = false;
  counters.drop(DropReason::tooBig, message.packets());
  return true;
}

/// Whether the message is done with; else it is tried again.
bool CipherSockets::sendFailed(Socket& socket, const OuterMessage& message, int number, PathCounters& counters) {
  switch (number) {
    case EINTR:
      return false;
    case EIO:
    case EINVAL:
      // A device without checksum offload refuses segmentation with EIO; it is not asked again.
      if (message.length <= message.segment) break;
      if (number == EIO) segmentation_ = false;
      sendApart(socket, message, counters);
      return true;
    case EAGAIN:
    case ENOBUFS:
      counters.drop(DropReason::sendFull, message.packets());
      return true;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPROTO:
      // May be what ICMP said about an earlier packet; reading it clears it, and trying again tells.
      if (socket.pendingCleared) break;
      socket.pendingCleared = true;
      readErrorsOf(socket);
      return false;
    case EMSGSIZE:
      return sendTooBig(socket, message, counters);
    default:
      break;
  }
  socket.pendingCleared = false;
  counters.drop(DropReason::sendFailed, message.packets());
  return true;
}

bool CipherSockets::sendDatagram(std::span<const uint8_t> octets, int family, const IpAddress& local,
                                 const Endpoint& remote) {
  Outer ends{local, remote, static_cast<uint8_t>(family), true};
  Socket* socket = socketFor(ends);
  if (socket == nullptr) throw SystemFailure("socket", EAFNOSUPPORT);
  SocketAddress name;
  ControlBuffer control;
  iovec piece{const_cast<uint8_t*>(octets.data()), octets.size()};
  msghdr message{&name, writeAddress(name, family, remote), &piece, 1, control.octets, 0, 0};
  message.msg_controllen = writeControl(control, family, local, 0, 0);
  for (int attempt = 0;; attempt++) {
    if (sendmsg(socket->fd.get(), &message, MSG_DONTWAIT) >= 0) return true;
    if (errno == EAGAIN) return false;
    // A pending ICMP error is reported once, in place of the sending.
    if (errno != EINTR && attempt > 0) throw SystemFailure("sendmsg", errno);
  }
}

}  // namespace fastpath
