import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../../local/processes.ts';

export interface Issued {
  readonly cert: string;
  readonly key: string;
  /** both in one PEM file, as Kafka's PEM keystore wants them */
  readonly both: string;
}

export interface Authority {
  /** PEM file of the CA's certificate */
  readonly ca: string;
  /**
   * A certificate for a common name, valid on 127.0.0.1.
   * @param days that it is valid, default 2; less than 0: it has expired
   */
  issue(name: string, days?: number): Promise<Issued>;
}

/** A certificate authority of its own, its files in a folder. */
export async function certificateAuthority(folder: string, name: string): Promise<Authority> {
  const file = (suffix: string) => join(folder, `${name}${suffix}`);
  const openssl = (args: string) =>
    mustRun('making a certificate', 'openssl', args.split(' '), { cwd: folder });
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc';
  await openssl(
    `req -x509 ${newKey} -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`,
  );
  return {
    ca: file('.pem'),
    issue: async (subject, days = 2) => {
      const own = `${name}-${subject}-${days}`;
      await openssl(`req ${newKey} -subj /CN=${subject} -keyout ${own}.key -out ${own}.csr`);
      writeFileSync(join(folder, `${own}.ext`), 'subjectAltName=IP:127.0.0.1\n');
      await openssl(
        `x509 -req -in ${own}.csr -CA ${name}.pem -CAkey ${name}.key -CAcreateserial -days ${days} -extfile ${own}.ext -out ${own}.pem`,
      );
      const [cert, key, both] = ['.pem', '.key', '.both.pem'].map((suffix) =>
        join(folder, `${own}${suffix}`),
      ) as [string, string, string];
      writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
      return { cert, key, both };
    },
  };
}
