// The chain of a voucher once more, on PostgreSQL.
process.env.SMEDX_E2E_ENGINE = 'postgres'
await import('./chain.test.mjs')
