#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <stdarg.h>
#include <stdio.h>

// Macros with casts are not imported into Swift.
static const int reel_averror_eagain = AVERROR(EAGAIN);
static const int reel_averror_eof = AVERROR_EOF;
static const int reel_averror_enomem = AVERROR(ENOMEM);

// The last error that the libraries would have printed on this thread.
static inline char *reel_av_last_words(void) {
  static __thread char words[256];
  return words;
}

// Instead of printing. A variable list of arguments cannot be read in Swift.
static inline void reel_av_remember(void *source, int level, const char *format, va_list arguments) {
  (void)source;
  if (level <= AV_LOG_ERROR) vsnprintf(reel_av_last_words(), 256, format, arguments);
}

// Prints nothing from here on; errors are remembered.
static inline void reel_av_keep_quiet(void) { av_log_set_callback(reel_av_remember); }

// Whether the processor has AVX-512.
static inline int reel_has_avx512(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}
