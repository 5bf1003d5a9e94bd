// Reaches the socket below a response of uWebSockets.js, for three things that its JavaScript cannot do: another idle timeout
// than 10 s, an interim response, and a look at the line before a chunk. It is an addon of its own, since it uses V8 and so depends on the version of Node.
#include <dlfcn.h>
#include <node.h>

#include <cctype>
#include <cstdint>
#include <string>

namespace {

using v8::FunctionCallbackInfo;
using v8::Value;

/** @source uSockets, libusockets.h */
using SocketTimeout = void (*)(int ssl, void* socket, unsigned int seconds);
using SocketWrite = int (*)(int ssl, void* socket, const char* data, int length, int has_more);

SocketTimeout socket_timeout = nullptr;
SocketWrite socket_write = nullptr;

/** `(path)` of the addon of uWebSockets.js, which is loaded already → whether it has the functions */
void Open(const FunctionCallbackInfo<Value>& info) {
  const v8::String::Utf8Value path(info.GetIsolate(), info[0]);
  void* library = *path == nullptr ? nullptr : dlopen(*path, RTLD_LAZY | RTLD_NOLOAD);
  if (library != nullptr) {
    socket_timeout = reinterpret_cast<SocketTimeout>(dlsym(library, "us_socket_timeout"));
    socket_write = reinterpret_cast<SocketWrite>(dlsym(library, "us_socket_write"));
  }
  info.GetReturnValue().Set(socket_timeout != nullptr && socket_write != nullptr);
}

/** `(res)` → its socket as a number, 0 when the response is over. The number must not outlive the turn of the event loop. */
void SocketOf(const FunctionCallbackInfo<Value>& info) {
  if (!info[0]->IsObject() || info[0].As<v8::Object>()->InternalFieldCount() < 1) {
    info.GetReturnValue().Set(0);
    return;
  }
  const void* socket = info[0].As<v8::Object>()->GetAlignedPointerFromInternalField(0);
  info.GetReturnValue().Set(static_cast<double>(reinterpret_cast<std::uintptr_t>(socket)));
}

void* PointerOf(const v8::Local<Value>& value) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(value.As<v8::Number>()->Value()));
}

/** `(isTls, socket, seconds)` */
void SetIdleTimeout(const FunctionCallbackInfo<Value>& info) {
  void* socket = PointerOf(info[1]);
  if (socket != nullptr && socket_timeout != nullptr)
    socket_timeout(info[0]->IsTrue() ? 1 : 0, socket, info[2].As<v8::Uint32>()->Value());
}

/** `(isTls, socket)` */
void SendContinue(const FunctionCallbackInfo<Value>& info) {
  static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  void* socket = PointerOf(info[1]);
  if (socket != nullptr && socket_write != nullptr)
    socket_write(info[0]->IsTrue() ? 1 : 0, socket, kContinue.data(), static_cast<int>(kContinue.size()), 0);
}

/** Longest size line: 16 digits. */
constexpr int kMaxDigits = 16;

/** `(piece)` → whether `piece`, the first bytes of a chunk, comes after a line of hexadecimal digits that ends in CRLF.
 * `piece` must be the ArrayBuffer that uWebSockets.js gives, and the end of the request's head must have come in the same
 * read: then the head's last LF and the line lie before `piece` in the receive buffer.
 * @source RFC 9112, 7.1 */
void FollowsSizeLine(const FunctionCallbackInfo<Value>& info) {
  const char* end = static_cast<const char*>(info[0].As<v8::ArrayBuffer>()->Data());
  if (end == nullptr) return info.GetReturnValue().Set(true);
  int digits = 0;
  while (digits < kMaxDigits && std::isxdigit(static_cast<unsigned char>(end[-3 - digits])) != 0) digits++;
  info.GetReturnValue().Set(end[-1] == '\n' && end[-2] == '\r' && digits > 0 && end[-3 - digits] == '\n');
}

}  // namespace

NODE_MODULE_INIT(/* exports, module, context */) {
  NODE_SET_METHOD(exports, "open", Open);
  NODE_SET_METHOD(exports, "socketOf", SocketOf);
  NODE_SET_METHOD(exports, "setIdleTimeout", SetIdleTimeout);
  NODE_SET_METHOD(exports, "sendContinue", SendContinue);
  NODE_SET_METHOD(exports, "followsSizeLine", FollowsSizeLine);
}
