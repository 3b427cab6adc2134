// PostGraphile over the tables of Clientele.

import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PostGraphileRelayPreset } from 'postgraphile/presets/relay';
import { jsonPgSmartTags } from 'postgraphile/utils';

// With node ids, a row cannot be made whose foreign keys share the column of the tenant.
const isRelay = process.env.RELAY !== '0';

// The database knows a customer's group by way of the memberships only.
const groupOfCustomer = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      customers: {
        tags: {
          foreignKey:
            '(tenant_id, customer_group_id) references customer_groups (tenant_id, id)|@fieldName primaryGroup',
        },
      },
    },
  },
});

export default {
  extends: isRelay ? [PostGraphileAmberPreset, PostGraphileRelayPreset] : [PostGraphileAmberPreset],
  plugins: isRelay ? [groupOfCustomer] : [],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ['public'],
      // As many as Clientele has by default.
      poolConfig: { max: 16 },
    }),
  ],
  grafserv: { host: '127.0.0.1', port: Number(process.env.PORT), graphiql: false, watch: false },
};
