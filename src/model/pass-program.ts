/**
 * An XDP program that passes everything: what a kernel's XDP is tried with, and what the fabric puts on its end of a wire whose
 * other end sends in native mode.
 *
 * `SEC("xdp") int pass(void *ctx) { return XDP_PASS; }`, two instructions, compiled, gzipped, in base64:
 * `clang -O2 -target bpf -c pass.c && llvm-strip --strip-debug pass.o && gzip -9n pass.o && base64 -w 0 pass.o.gz`. Nodes have
 * no compiler.
 */
export const PASS_PROGRAM =
	"H4sIAAAAAAACA6t39XFjYmRkgAFGhu8MCB4CPEBiO0BJdqDK7UAWExBPhcq5B/gw4APsQCzEwAznC0BpOSAWZGCBi8NYTMwMeiWpFSUMBYnFxQwVKQUMejk5ZbnxiSkpRcWZ6QzxOZnJqXnFqQx6xSVFJYlJQLoyF0RTCagDMTMW8UVQ2hxNnBELH4TZ0MQdcNjHgsbnIaBfAE2cA40vD9WP7ocAHPahux9kPrPP/3wg1YAsvgAWPwT062NRAwIRUNoDLZxg7peARiAAGj5VXaACAAA=";
