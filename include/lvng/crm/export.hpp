#pragma once

/// Marks what a shared build of the library shows; everything else stays hidden.
#define LVNG_CRM_EXPORT __attribute__((visibility("default")))
