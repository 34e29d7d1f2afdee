// Certificates made in the test, and a client that speaks TLS to a server on this machine.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/adapters/http/raw_client.hpp"

namespace things {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* one) const {
    Free(one);  // NOLINT(cppcoreguidelines-owning-memory): an owner's deleter
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

inline Key new_key() { return Key(EVP_EC_gen("P-256")); }

/// A certificate for `name` that its own key has signed.
inline Certificate self_signed(EVP_PKEY* key, const std::string& name) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), subject);
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
  return certificate;
}

inline std::unique_ptr<std::FILE, Freer<std::fclose>> written(const std::string& path) {
  return std::unique_ptr<std::FILE, Freer<std::fclose>>(std::fopen(path.c_str(), "w"));
}

inline void write_key(const std::string& path, EVP_PKEY* key, const char* passphrase = nullptr) {
  const auto file = written(path);
  const EVP_CIPHER* cipher = passphrase != nullptr ? EVP_aes_128_cbc() : nullptr;
  PEM_write_PrivateKey(file.get(), key, cipher, nullptr, 0, nullptr, const_cast<char*>(passphrase));
}

inline void write_certificate(const std::string& path, X509* certificate) {
  const auto file = written(path);
  PEM_write_X509(file.get(), certificate);
}

/// Key and certificate of a fresh pair for `name`, in these two files.
inline void write_pair(const std::string& certificate_path, const std::string& key_path, const std::string& name) {
  const Key key = new_key();
  write_key(key_path, key.get());
  write_certificate(certificate_path, self_signed(key.get(), name).get());
}

struct TlsWish {
  int version_max = 0;            ///< 0: what the library has
  const char* ciphers = nullptr;  ///< of TLS 1.2
  std::string protocols{};        ///< of ALPN, as on the wire
};

/// Trusts anybody: whom it met is for the test to look at.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const TlsWish& wish = {})
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())) {
    if (wish.version_max != 0) SSL_CTX_set_min_proto_version(context_.get(), 0);
    if (wish.version_max != 0) SSL_CTX_set_max_proto_version(context_.get(), wish.version_max);
    if (wish.ciphers != nullptr) SSL_CTX_set_cipher_list(context_.get(), wish.ciphers);
    ssl_.reset(SSL_new(context_.get()));
    if (!wish.protocols.empty())
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wish.protocols.data()),
                          static_cast<unsigned>(wish.protocols.size()));
    SSL_set_fd(ssl_.get(), socket_.descriptor());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~TlsClient() { ssl_.reset(); }

  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  ssl_st* ssl() { return ssl_.get(); }
  RawClient& socket() { return socket_; }

  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  /// The name in the certificate that the server has shown.
  std::string met() const {
    const Certificate certificate(SSL_get1_peer_certificate(ssl_.get()));
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size());
    return name.data();
  }

  bool send(std::string_view bytes) {
    std::signal(SIGPIPE,
                SIG_IGN);  // OpenSSL writes to the socket without MSG_NOSIGNAL, and the server may have closed it
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  /// One answer with a Content-Length.
  Received read() {
    Received received;
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill()) return received;
    received.head = buffer_.substr(0, end + 2);
    received.status = static_cast<int>(number_in(std::string_view(received.head).substr(9)));
    buffer_.erase(0, end + 4);
    const auto length = number_in(received.header("Content-Length"));
    while (buffer_.size() < length)
      if (!fill()) return {};
    received.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return received;
  }
  Received ask(std::string_view bytes) {
    send(bytes);
    return read();
  }

  /// Whether the server says good-bye, with nothing more to say.
  bool ends() {
    while (fill()) {
    }
    return buffer_.empty() && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  bool fill() {
    std::array<char, 16'384> bytes{};
    const int count = SSL_read(ssl_.get(), bytes.data(), bytes.size());
    if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  RawClient socket_;
  std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Freer<SSL_free>> ssl_{};
  bool connected_ = false;
  std::string buffer_{};
};

}  // namespace things
