/** Explains a connection that failed or broke, by what the system reports of it. */

/** As Node reports it: `ECONNREFUSED`, `connect`. */
export interface ConnectionFault {
  readonly code: string | undefined;
  readonly syscall: string | undefined;
}

/** Faults of the certificate that a server shows (OpenSSL's verification, and the host's name). */
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|ERR_TLS_CERT_)/;
/** What answers speaks no TLS, or none that both sides know: older versions of Node have one code for all failures of TLS. */
const NO_TLS = /^(ERR_SSL_|EPROTO$)/;
/** The request never left this machine, or nobody took it. */
const UNSENT = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/;

export type ConnectionTrouble =
  /** Trying again does not help; `remedy` says what does. */
  | { readonly kind: 'final'; readonly remedy: string }
  /** `sent`: the server may have got the request, and worked on it. */
  | { readonly kind: 'passing'; readonly sent: boolean };

/** @param reached whether the host has answered before: then its name and its TLS are right, and the network is at fault */
export function judgeConnection({ code = '', syscall }: ConnectionFault, reached: boolean): ConnectionTrouble {
  if (CERTIFICATE.test(code)) {
    return final(
      'shows a certificate that is not trusted here. Check the address; if the server is your own, name its authority’s file in NODE_EXTRA_CA_CERTS',
    );
  }
  if (code === 'ENOTFOUND' && !reached) return final('is the name of no host that this machine can find. Check the address');
  if (NO_TLS.test(code) && !reached) return final('was reached, but no TLS connection came about. Its address may begin with http://');
  // A connection that came about can time out too, when what is read from it stays away.
  return { kind: 'passing', sent: !UNSENT.test(code) && !(code === 'ETIMEDOUT' && syscall !== 'read') };
}

function final(remedy: string): ConnectionTrouble {
  return { kind: 'final', remedy };
}
