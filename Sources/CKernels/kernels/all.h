/* Wide vectors only ever pass between functions that are inlined, so their calling convention, which
 * the compiler warns of, plays no part. */
#pragma clang diagnostic ignored "-Wpsabi"

#include "adamw.h"
#include "dropout.h"
#include "elementwise.h"
#include "embedding.h"
#include "gelu.h"
#include "half.h"
#include "layer_norm.h"
#include "logistic.h"
#include "peak.h"
#include "softmax.h"
