// One small file for each language, with what readers trip over, and the anchors it has.
export interface Example {
  readonly path: string
  readonly text: string
  /** `depth kind name start-end`. */
  readonly anchors: readonly string[]
}

export const EXAMPLES: readonly Example[] = [
  {
    path: 'a.c',
    text: `/* Copyright */
/* About. */
#include <stdio.h>
#define MAX 10
#define SQ(x) \\
  ((x)*(x))
#ifdef A
int g(void);
#else
static int h(void) { return 1; }
#endif
struct S { int a; };
typedef struct T { int b; } T;
typedef struct { int b; } U, *UP;
typedef int (*fp)(int);
enum E { A, B };
union V { int a; };
static const char *name = "x", *other;
int arr[3] = {1,2};
extern int ext;
/* doc */
static inline int *f(int (*cb)(int), char *x) { return 0; }
struct S make(void) { struct S s; return s; }
int (*getfp(int a))(int) { return 0; }
int (*fpv)(int) = 0;
struct Q { int a; } q1;
`,
    anchors: [
      '0 macro MAX 4-4',
      '0 macro SQ 5-6',
      '0 function g 8-8',
      '0 function h 10-10',
      '0 struct S 12-12',
      '0 type T 13-13',
      '0 type U 14-14',
      '0 type UP 14-14',
      '0 type fp 15-15',
      '0 enum E 16-16',
      '0 union V 17-17',
      '0 variable name 18-18',
      '0 variable other 18-18',
      '0 variable arr 19-19',
      '0 variable ext 20-20',
      '0 function f 21-22',
      '0 function make 23-23',
      '0 function getfp 24-24',
      '0 variable fpv 25-25',
      '0 variable q1 26-26',
    ],
  },
  {
    path: 'a.cpp',
    text: `#pragma once
namespace a::b {
template <typename T> class C : public D {
 public:
  C() = default;
  ~C();
  // doc
  int m(int a) const { return 1; }
  virtual void v() = 0;
  static int s;
  operator bool() const;
  bool operator==(const C& o) const { return true; }
  template <class U> void t(U u) {}
  enum class K { A };
  struct In { void z(); };
  friend void fr();
  using X = int;
  int (*fpm)(int);
};
}
namespace { int anon() { return 1; } }
template <typename T> int a::b::C<T>::m2(int x) { return 1; }
void A::g() {}
extern "C" { void e1(); int e2() { return 1; } }
template <class T> concept Q = true;
using Y = int;
auto tr() -> int { return R"x(}})x" ? 1 : 2; }
int A::st = 1;
struct Fwd;
A::A() : x(1) {}
A::~A() {}
bool operator<(A a, A b) { return false; }
int& ref() {}
template<> struct hash<X> { };
`,
    anchors: [
      '0 namespace a.b 2-20',
      '1 class a.b.C 3-19',
      '2 method a.b.C.C 5-5',
      '2 method a.b.C.~C 6-6',
      '2 method a.b.C.m 7-8',
      '2 method a.b.C.v 9-9',
      '2 method a.b.C.operator bool 11-11',
      '2 method a.b.C.operator== 12-12',
      '2 method a.b.C.t 13-13',
      '2 type a.b.C.X 17-17',
      '0 namespace (anonymous) 21-21',
      '1 function (anonymous).anon 21-21',
      '1 method a.b.C.m2 22-22',
      '1 method A.g 23-23',
      '0 function e1 24-24',
      '0 function e2 24-24',
      '0 concept Q 25-25',
      '0 type Y 26-26',
      '0 function tr 27-27',
      '1 variable A.st 28-28',
      '1 method A.A 30-30',
      '1 method A.~A 31-31',
      '0 function operator< 32-32',
      '0 function ref 33-33',
      '0 struct hash 34-34',
    ],
  },
  {
    path: 'a.cs',
    text: `using System;
namespace A.B {
  /// <summary>Doc</summary>
  [Attr]
  public class C<T> : D where T : class {
    private int f = 1;
    public int P { get; set; } = 1;
    public C() {}
    ~C() {}
    public void M<X>(int a) => 1;
    public static bool operator ==(C a, C b) { return true; }
    public static implicit operator int(C c) => 1;
    public int this[int i] { get { return 1; } }
    public event EventHandler E;
    public event EventHandler E2 { add {} remove {} }
    enum K { A }
#if X
    void cond() {}
#endif
    delegate void Del(int a);
  }
  record R(int A);
  record struct RS(int A) { void m() {} }
  struct ST { }
}
`,
    anchors: [
      '0 namespace A.B 2-25',
      '1 class A.B.C 3-21',
      '2 property A.B.C.P 7-7',
      '2 constructor A.B.C.C 8-8',
      '2 destructor A.B.C.~C 9-9',
      '2 method A.B.C.M 10-10',
      '2 operator A.B.C.operator == 11-11',
      '2 operator A.B.C.operator int 12-12',
      '2 property A.B.C.this[] 13-13',
      '2 event A.B.C.E2 15-15',
      '2 enum A.B.C.K 16-16',
      '2 method A.B.C.cond 18-18',
      '2 delegate A.B.C.Del 20-20',
      '1 record A.B.R 22-22',
      '1 record A.B.RS 23-23',
      '2 method A.B.RS.m 23-23',
      '1 struct A.B.ST 24-24',
    ],
  },
  {
    path: 'a.go',
    text: `// Package a does.
package a

import (
  "fmt"
  x "os"
)
// K doc
const (
  A = iota
  B
)
var q, r = 1, 2
// T doc
type T struct { A int }
type (
  // U doc
  U interface { M() error }
  V = T
)
// F doc
func F[T any](x T) T { return x }
// M doc
func (t *T[K]) M() {}
`,
    anchors: [
      '0 const A 10-10',
      '0 const B 11-11',
      '0 var q 13-13',
      '0 var r 13-13',
      '0 struct T 14-15',
      '0 interface U 17-18',
      '0 type V 19-19',
      '0 function F 21-22',
      '1 method T.M 23-24',
    ],
  },
  {
    path: 'a.java',
    text: `package a.b;
import x.y.Z;
/** Doc */
@Ann
public class A<T> extends B {
  private int f = 1;
  static { }
  public A() {}
  /** m */
  @Override
  public <X> int m(int a) { return 1; }
  class In { void q() {} }
  enum E { X { void z() {} }, Y; void e() {} }
  record R(int a) { R { } void r() {} }
  @interface An { int v() default 1; }
  interface I { void i(); }
}
sealed interface S permits A {}
`,
    anchors: [
      '0 class A 3-17',
      '1 constructor A.A 8-8',
      '1 method A.m 9-11',
      '1 class A.In 12-12',
      '2 method A.In.q 12-12',
      '1 enum A.E 13-13',
      '2 method A.E.e 13-13',
      '1 record A.R 14-14',
      '2 constructor A.R.R 14-14',
      '2 method A.R.r 14-14',
      '1 annotation A.An 15-15',
      '2 method A.An.v 15-15',
      '1 interface A.I 16-16',
      '2 method A.I.i 16-16',
      '0 interface S 18-18',
    ],
  },
  {
    path: 'a.kt',
    text: `package a.b
import x.y

/** Doc */
@Ann
data class A<T>(val a: Int) : B() {
  val p: Int get() = 1
  companion object {
    const val K = 1
  }
  constructor(x: Int) : this()
  enum class E {
    A,
    B
  }
}

interface I {
  fun i()
}
fun <T> T.ext(x: Int): Int = 1
typealias TA = Int
private var v: Int = 2
`,
    anchors: [
      '0 class A 4-16',
      '1 property A.p 7-7',
      '1 object A.Companion 8-10',
      '2 property A.Companion.K 9-9',
      '1 constructor A.constructor 11-11',
      '1 enum A.E 12-15',
      '0 interface I 18-20',
      '1 method I.i 19-19',
      '0 function ext 21-21',
      '0 type TA 22-22',
      '0 property v 23-23',
    ],
  },
  {
    path: 'a.php',
    text: `<html><?php
declare(strict_types=1);
namespace A\\B;
use X\\Y;
use function z;
/** Doc */
#[Attr]
abstract class C extends D implements E {
  use T;
  const K = 1;
  private int $p = 1, $q;
  public function __construct(private int $x) {}
  /** m */
  public static function m(int $a): int { return 1; }
  abstract function ab();
}
interface I { function i(); }
trait T { function t() {} }
enum En: string { case A = 'a'; function e() {} }
if (!function_exists('f')) { function f() {} }
function g() { function inner() {} }
const Z = 1;
$anon = new class { function x() {} };
?>
<p>function no() {}</p>
`,
    anchors: [
      '0 namespace A\\B 3-3',
      '0 class C 6-16',
      '1 const C.K 10-10',
      '1 property C.$p 11-11',
      '1 property C.$q 11-11',
      '1 method C.__construct 12-12',
      '1 method C.m 13-14',
      '1 method C.ab 15-15',
      '0 interface I 17-17',
      '1 method I.i 17-17',
      '0 trait T 18-18',
      '1 method T.t 18-18',
      '0 enum En 19-19',
      '1 method En.e 19-19',
      '0 function f 20-20',
      '0 function g 21-21',
      '0 const Z 22-22',
    ],
  },
  {
    path: 'a.rb',
    text: `# frozen_string_literal: true
require 'x'
require_relative 'y'
# doc
module A
  VERSION = '1'
  class B < C
    attr_reader :x
    def self.s(a); end
    # d
    def m?(a, b = 1)
      x = <<~E
        def no; end
      E
    end
    class << self
      def cm; end
    end
    private def pr; end
    def x=(v); @x = v; end
    def ==(o) = true
    alias foo bar
    included do
      def inc; end
    end
  end
end
class A::D; end
def top; end
if x
  def cond; end
end
`,
    anchors: [
      '0 module A 4-27',
      '1 constant A.VERSION 6-6',
      '1 class A.B 7-26',
      '2 method A.B.self.s 9-9',
      '2 method A.B.m? 10-15',
      '2 method A.B.cm 17-17',
      '2 method A.B.pr 19-19',
      '2 method A.B.x= 20-20',
      '2 method A.B.== 21-21',
      '2 alias A.B.foo 22-22',
      '2 method A.B.inc 24-24',
      '0 class A.D 28-28',
      '0 function top 29-29',
      '0 function cond 31-31',
    ],
  },
  {
    path: 'a.rs',
    text: `//! crate doc
use std::{io, fmt};
/// doc
#[derive(Debug)]
pub struct S<T> { a: T }
pub enum E { A, B(i32) }
union U { a: i32 }
impl<T> S<T> {
    /// m
    pub fn m(&self) {}
    const C: i32 = 1;
}
impl<T> fmt::Display for S<T> { fn fmt(&self) {} }
pub trait Tr { fn a(&self); fn b(&self) {} type X; }
mod inner { pub fn f() {} }
mod decl;
macro_rules! mac { () => {} }
pub(crate) const K: i32 = 1;
static Z: i32 = 1;
type A = B;
extern "C" { fn ext(); }
#[cfg(test)]
mod tests { #[test] fn t() { fn nested() {} } }
/** block
 doc */
async unsafe fn g() {}
`,
    anchors: [
      '0 struct S 3-5',
      '0 enum E 6-6',
      '0 union U 7-7',
      '0 impl S 8-12',
      '1 method S.m 9-10',
      '1 const S.C 11-11',
      '0 impl S 13-13',
      '1 method S.fmt 13-13',
      '0 trait Tr 14-14',
      '1 method Tr.a 14-14',
      '1 method Tr.b 14-14',
      '1 type Tr.X 14-14',
      '0 module inner 15-15',
      '1 function inner.f 15-15',
      '0 module decl 16-16',
      '0 macro mac 17-17',
      '0 const K 18-18',
      '0 static Z 19-19',
      '0 type A 20-20',
      '0 function ext 21-21',
      '0 module tests 22-23',
      '1 function tests.t 23-23',
      '0 function g 24-26',
    ],
  },
  {
    path: 'a.sh',
    text: `#!/bin/bash
# About
source ./x.sh
f() {
  cat <<EOT
g() { }
EOT
}
function h { :; }
function i() ( : )
{
  # d
  j() { :; }
}
if true; then
  k() { :; }
fi
`,
    anchors: ['0 function f 4-8', '0 function h 9-9', '0 function i 10-10', '0 function j 12-13', '0 function k 16-16'],
  },
  {
    path: 'a.swift',
    text: `import Foundation
/// Doc
@objc public class A<T>: B where T: C {
  var p: Int = 1
  let q, r: Int
  var comp: Int { return 1 }
  init(x: Int) {}
  convenience init?(y: Int) {}
  deinit {}
  func m(_ a: Int) -> Int { 1 }
  static func s() {}
  subscript(i: Int) -> Int { 1 }
  class In { func z() {} }
  enum K { case a; case b(Int) }
  typealias X = Int
}
struct S { func f() {} }
enum E: String { case a = "x"; func e() {} }
extension A: D { func x() {} }
protocol P { func p() }
actor Ac { func a() {} }
func top<T>(x: T) async throws -> Int { 1 }
let g = 1
typealias TT = Int
infix operator +++: X
func +++ (a: Int, b: Int) -> Int { 1 }
#if DEBUG
func dbg() {}
#endif
`,
    anchors: [
      '0 class A 2-16',
      '1 property A.p 4-4',
      '1 property A.q 5-5',
      '1 property A.r 5-5',
      '1 property A.comp 6-6',
      '1 constructor A.init 7-7',
      '1 constructor A.init 8-8',
      '1 destructor A.deinit 9-9',
      '1 method A.m 10-10',
      '1 method A.s 11-11',
      '1 subscript A.subscript 12-12',
      '1 class A.In 13-13',
      '2 method A.In.z 13-13',
      '1 enum A.K 14-14',
      '1 type A.X 15-15',
      '0 struct S 17-17',
      '1 method S.f 17-17',
      '0 enum E 18-18',
      '1 method E.e 18-18',
      '0 extension A 19-19',
      '1 method A.x 19-19',
      '0 protocol P 20-20',
      '1 method P.p 20-20',
      '0 actor Ac 21-21',
      '1 method Ac.a 21-21',
      '0 function top 22-22',
      '0 property g 23-23',
      '0 type TT 24-24',
      '0 function +++ 26-26',
      '0 function dbg 28-28',
    ],
  },
  {
    path: 'a.css',
    text: `@import url("x.css");
@charset "utf-8";
/* Buttons */
.btn, a:hover > b { color: red; --x: 1 }
@media (max-width: 1px) {
  .a { b: c }
  /* in */
  .d { e: f }
}
@keyframes spin { from { a: b } to { a: c } }
@supports (display: grid) { .g { a: b } }
@font-face { font-family: X }
@layer base { html { a: b } }
:root { --c: #fff; }
.parent { &:hover { a: b } .child { c: d } }
`,
    anchors: [
      '0 rule .btn, a:hover > b 3-4',
      '0 media @media (max-width: 1px) 5-9',
      '1 rule @media (max-width: 1px) .a 6-6',
      '1 rule @media (max-width: 1px) .d 7-8',
      '0 keyframes @keyframes spin 10-10',
      '0 supports @supports (display: grid) 11-11',
      '1 rule @supports (display: grid) .g 11-11',
      '0 at-rule @font-face 12-12',
      '0 at-rule @layer base 13-13',
      '1 rule @layer base html 13-13',
      '0 rule :root 14-14',
      '0 rule .parent 15-15',
      '1 rule .parent &:hover 15-15',
      '1 rule .parent .child 15-15',
    ],
  },
  {
    path: 'a.html',
    text: `<!doctype html>
<!-- MUST not cache -->
<html lang="en">
<head><title>My page</title>
<meta name="description" content="Says it.">
<style>
a { color: red }
</style>
<script>
function f() {}
</script>
</head>
<body>
<header id="top"><h1>Big <em>one</em></h1></header>
<main>
<h2>First</h2>
<p>Text of first.
<h3>Sub</h3>
<p>x</p>
<h2 id="s">Second</h2>
<section id="sec"><h2>In section</h2><p>y</p></section>
<form name="login"><input type=text></form>
</main>
</body>
</html>
`,
    anchors: [
      '0 style style 6-8',
      '0 script script 9-11',
      '0 section Big one 14-25',
      '0 header header#top 14-14',
      '0 main main 15-23',
      '1 section First 16-19',
      '2 section Sub 18-19',
      '1 section Second 20-20',
      '1 section In section 21-25',
      '1 section section#sec 21-21',
      '1 form form 22-22',
    ],
  },
  {
    path: 'a.toml',
    text: `# TODO: x
title = "secret"
a.b = 1
[server]
port = 1
"quoted key" = 2
[server.tls]
cert = """
multi
"""
[[items]]
name = "a"
[[items]]
name = "b"
`,
    anchors: [
      '0 key title 1-2',
      '0 key a.b 3-3',
      '0 table server 4-6',
      '1 key server.port 5-5',
      '1 key server."quoted key" 6-6',
      '0 table server.tls 7-10',
      '1 key server.tls.cert 8-10',
      '0 table items 11-12',
      '1 key items.name 12-12',
      '0 table items 13-14',
      '1 key items.name 14-14',
    ],
  },
  {
    path: 'a.sql',
    text: `-- Users. Passwords MUST be hashed.
CREATE TABLE IF NOT EXISTS "app"."users" (
  id int, -- it's
  name text DEFAULT 'a;b''c'
);
/* outer /* nested ; */ still ; */
CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $body$
BEGIN
  SELECT 1; SELECT 2;
END;
$body$ LANGUAGE plpgsql;
INSERT INTO users VALUES (1, 'secret');
BEGIN;
COMMIT;
CREATE TRIGGER t AFTER INSERT ON users BEGIN
  UPDATE x SET a = CASE WHEN 1 THEN 2 END;
  DELETE FROM y;
END;
CREATE UNIQUE INDEX i1 ON users (id);
create view v as select 1
`,
    anchors: [
      '0 table app.users 1-5',
      '0 function f 6-11',
      '1 statement insert into users 12-12',
      '1 statement begin 13-13',
      '1 statement commit 14-14',
      '0 trigger t 15-18',
      '0 index i1 19-19',
      '0 view v 20-20',
    ],
  },
  {
    path: 'a.rst',
    text: `=====
Title
=====

Intro MUST be read. ::

    def x():
    -------

Section
-------
Text.

Sub
~~~

.. code-block:: python

   Not
   ---

Next
----
end
`,
    anchors: ['0 section Title 1-24', '1 section Section 10-20', '2 section Sub 14-20', '1 section Next 22-24'],
  },
  {
    path: 'a.adoc',
    text: `= Doc Title
:toc:

Intro text.

[[one]]
== One

----
== not
----

=== Sub ===
TODO: more

== Two
`,
    anchors: ['0 section Doc Title 1-16', '1 section One 6-14', '2 section Sub 13-14', '1 section Two 16-16'],
  },
  {
    path: 'a.py',
    text: `"""Doc of module."""
import os
from a import b as c, d
X = 1
@dec(1)
# c
class A(B):
    """d"""
    x: int = 1
    @property
    def m(self) -> int:
        def inner(): pass
        return 1
    class N:
        def q(self): ...
if True:
    async def f(x, *a): pass
try:
    pass
except E:
    def g(): pass
type T = int
`,
    anchors: [
      '0 constant X 4-4',
      '0 class A 5-15',
      '1 method A.m 10-13',
      '1 class A.N 14-15',
      '2 method A.N.q 15-15',
      '0 function f 17-17',
      '0 function g 21-21',
      '0 type T 22-22',
    ],
  },
  {
    path: 'a.h',
    text: `#ifndef A
#define A 1
/* doc */
int f(int a);
#endif
`,
    anchors: ['0 macro A 2-2', '0 function f 3-4'],
  },
]
