/** `lab ui` in a terminal, with the XDP balancer in the embedded machine. */
import { journey } from "./journey.ts";

journey({
	lab: "katran-dsr",
	env: { LAB_ENGINE: "vm" },
	client: "client",
	router: "gateway",
	breaks: "sysctl -w net.ipv4.ip_forward=0",
	mends: "sysctl -w net.ipv4.ip_forward=1",
	topology: [/━ katran 10\.111\.221\.0\/24/, /VIP +192\.168\.10\.1:any\/tcp XDP, IPIP to real1, real2/, /= the VIP/],
	path: [/katran puts an outer header in front \(IPIP\)/, /The reply does not pass katran/],
	scenario: { name: "curl", place: 0 },
	patience: 300,
});
