// A C target needs one source file; the boundary itself is a header.
#include "reel_abi.h"
