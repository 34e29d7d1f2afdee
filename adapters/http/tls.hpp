// TLS 1.2 and 1.3 (RFC 5246, RFC 8446) by OpenSSL, on memory alone: bytes in, bytes out. Sockets are the connection's.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace medflow::http {

/// PEM files: the certificate with the chain that leads from it, and its private key without a passphrase.
struct TlsFiles {
  std::string certificate{};
  std::string key{};
};

/// One connection's side of the protocol: forward secrecy always, no renegotiation, no resumption, no early data; ALPN, where a
/// client uses it, must offer http/1.1.
class TlsSession {
 public:
  enum class Progress : std::uint8_t { done, wants_more, failed };

  explicit TlsSession(ssl_ctx_st* context);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Bytes that the peer has sent.
  void feed(std::string_view bytes);
  Progress shake_hands();
  /// Fills the beginning of `space` with plain text; `count` tells how much. Failed: the peer has ended, or what it sent is wrong.
  Progress read(std::span<char> space, std::size_t& count);
  /// Appends what the peer has to get: `plain` as records, and anything that was due before it. False: the session is broken.
  bool write(std::string_view plain, std::string& out);
  /// Says good-bye (RFC 8446, 6.1).
  void end(std::string& out);
  /// Appends what is due: handshake messages and alerts.
  void drain(std::string& out);
  /// The size of what is due.
  std::size_t due_bytes() const;

 private:
  Progress progress_of(int result) const;

  ssl_st* ssl_;
};

/// The certificate that a server shows, replaced while it serves. Thread-safe.
class Certificates {
 public:
  enum class Change : std::uint8_t { none, taken, refused };

  /// Throws std::runtime_error, with a line for people, where the files cannot be used.
  explicit Certificates(TlsFiles files);
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// Reads the files where they are others than before, and the same as at the last look: whoever replaces both is let finish.
  Change look();
  /// Reads them now. Refused: they cannot be used, and what was there before stays.
  Change reload();

  std::unique_ptr<TlsSession> session() const;

 private:
  using Context = std::shared_ptr<ssl_ctx_st>;
  static Context load(const TlsFiles& files);
  std::string stamp() const;
  Change take();

  TlsFiles files_;
  mutable std::mutex mutex_{};
  Context context_{};
  std::string read_stamp_{};  // of the files that were read last, or could not be
  std::string seen_stamp_{};  // at the last look
};

}  // namespace medflow::http
