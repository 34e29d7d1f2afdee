#include "adapters/http/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

namespace medflow::http {
namespace {

// Nobody is asked for a passphrase on a terminal that a server does not have.
int no_passphrase(char*, int, int, void*) { return 0; }

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, length, ours, sizeof ours - 1, offered, size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

[[noreturn]] void fail(const std::string& file, std::string_view why) {
  throw std::runtime_error("TLS: " + file + " " + std::string(why));
}

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max())); }

std::string stamp_of(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return "none";
  return std::to_string(info.st_ino) + ":" + std::to_string(info.st_size) + ":" + std::to_string(info.st_mtim.tv_sec) +
         "." + std::to_string(info.st_mtim.tv_nsec);
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of 1.2; those of 1.3 are all good
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

}  // namespace

// ---- A session -----------------------------------------------------------------------------------------------------------

TlsSession::TlsSession(SSL_CTX* context) : ssl_(SSL_new(context)) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (ssl_ == nullptr || in == nullptr || out == nullptr) {
    BIO_free(in);
    BIO_free(out);
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  SSL_set_bio(ssl_, in, out);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

void TlsSession::feed(std::string_view bytes) { BIO_write(SSL_get_rbio(ssl_), bytes.data(), bounded(bytes.size())); }

TlsSession::Progress TlsSession::progress_of(int result) const {
  if (result > 0) return Progress::done;
  return SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ ? Progress::wants_more : Progress::failed;
}

TlsSession::Progress TlsSession::shake_hands() {
  ERR_clear_error();
  return progress_of(SSL_do_handshake(ssl_));
}

TlsSession::Progress TlsSession::read(std::span<char> space, std::size_t& count) {
  ERR_clear_error();
  count = 0;
  return progress_of(SSL_read_ex(ssl_, space.data(), space.size(), &count));
}

bool TlsSession::write(std::string_view plain, std::string& out) {
  ERR_clear_error();
  std::size_t written = 0;
  if (!plain.empty() && SSL_write_ex(ssl_, plain.data(), plain.size(), &written) != 1) return false;
  drain(out);
  return written == plain.size();
}

void TlsSession::end(std::string& out) {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  drain(out);
}

std::size_t TlsSession::due_bytes() const { return BIO_ctrl_pending(SSL_get_wbio(ssl_)); }

void TlsSession::drain(std::string& out) {
  const std::size_t before = out.size();
  const std::size_t due = due_bytes();
  out.resize(before + due);
  if (due > 0) BIO_read(SSL_get_wbio(ssl_), out.data() + before, bounded(due));
}

// ---- Certificates --------------------------------------------------------------------------------------------------------

Certificates::Certificates(TlsFiles files) : files_(std::move(files)) {
  read_stamp_ = seen_stamp_ = stamp();
  context_ = load(files_);
}

Certificates::~Certificates() = default;

Certificates::Context Certificates::load(const TlsFiles& files) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  harden(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    fail(files.certificate, "is no certificate in PEM that can be used");
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    fail(files.key, "is no private key of this certificate, in PEM and without a passphrase");
  if (SSL_CTX_check_private_key(context.get()) != 1) fail(files.key, "is not the key of this certificate");
  return context;
}

std::string Certificates::stamp() const { return stamp_of(files_.certificate) + "/" + stamp_of(files_.key); }

Certificates::Change Certificates::take() {
  try {
    context_ = load(files_);
    return Change::taken;
  } catch (const std::runtime_error&) {
    return Change::refused;
  }
}

Certificates::Change Certificates::look() {
  const std::lock_guard lock(mutex_);
  const std::string now = stamp();
  const bool lies_still = now == seen_stamp_;
  seen_stamp_ = now;
  if (!lies_still || now == read_stamp_) return Change::none;
  read_stamp_ = now;
  return take();
}

Certificates::Change Certificates::reload() {
  const std::lock_guard lock(mutex_);
  read_stamp_ = seen_stamp_ = stamp();
  return take();
}

std::unique_ptr<TlsSession> Certificates::session() const {
  const std::lock_guard lock(mutex_);
  return std::make_unique<TlsSession>(context_.get());
}

}  // namespace medflow::http
