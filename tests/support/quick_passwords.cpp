// Argon2id at its lowest cost, whatever cost is asked for: it takes the place of libsodium's own in the programs that sign people in often
// and show nothing about passwords. Hashes are good within such a program only.
#include <sodium.h>

extern "C" int crypto_pwhash(unsigned char* const out, unsigned long long out_size, const char* const password,
                             unsigned long long password_size, const unsigned char* const salt,
                             unsigned long long /*passes*/, std::size_t /*memory*/, int algorithm) {
  return crypto_pwhash_argon2id(out, out_size, password, password_size, salt, crypto_pwhash_argon2id_OPSLIMIT_MIN,
                                crypto_pwhash_argon2id_MEMLIMIT_MIN, algorithm);
}
