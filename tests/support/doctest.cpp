// What doctest is made of, for programs with a main of their own: what tests share refers to it.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
