// OpenSSL 3 would have SHA-256 fetched through providers, which reads its configuration: milliseconds at the first digest.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
