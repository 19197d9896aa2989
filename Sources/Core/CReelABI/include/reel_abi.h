// The C boundary of a plugin: what the loader checks before it makes any Swift call.
#ifndef REEL_ABI_H
#define REEL_ABI_H

#include <stdint.h>

/// "REEL" in the first four bytes of the manifest on a little-endian machine.
#define REEL_MAGIC 0x4c454552u
/// The layout of `reel_plugin`. Changes when a field does.
#define REEL_ABI 1u
/// The plugin SDK (the Swift interface of the core). Changes with every release that changes it.
#define REEL_SDK_VERSION "2"

typedef struct reel_plugin {
  uint32_t magic;
  uint32_t abi;
  const char *sdk_version;
  const char *compiler_version;
  /// The stage's name: "patch-diffusion".
  const char *name;
  /// Returns a retained Swift object that holds the stage's type. Called only after every check.
  void *(*create)(void);
} reel_plugin;

// `static inline`, so that each binary bakes in the values it was compiled with.
static inline uint32_t reel_compiled_magic(void) { return REEL_MAGIC; }
static inline uint32_t reel_compiled_abi(void) { return REEL_ABI; }
static inline const char *reel_compiled_sdk_version(void) { return REEL_SDK_VERSION; }
static inline const char *reel_compiled_compiler_version(void) { return __VERSION__; }

#endif
