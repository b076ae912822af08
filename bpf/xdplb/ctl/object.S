/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The data planes' object files, so that xdplb is one file to copy. */
	.section .rodata
	.balign 8
	.global xdplb_object
	.global xdplb_object_end
xdplb_object:
	.incbin XDPLB_OBJECT
xdplb_object_end:
	.balign 8
	.global xdplb_decap_object
	.global xdplb_decap_object_end
xdplb_decap_object:
	.incbin XDPLB_DECAP_OBJECT
xdplb_decap_object_end:
	.section .note.GNU-stack, "", %progbits
