<?php return array (
  'parameters' =>
  array (
    'database_host' => 'mysql',
    'database_port' => '',
    'database_name' => 'prestashop',
    'database_user' => 'root',
    'database_password' => 'admin',
    'database_prefix' => 'ps_',
    'database_engine' => 'InnoDB',
    'mailer_transport' => 'smtp',
    'mailer_host' => '127.0.0.1',
    'mailer_user' => NULL,
    'mailer_password' => NULL,
    'secret' => 'kQ7VxH2mPz5YtR9wLc3NbFj8SgD1eUaXoZi4Wn6TqMvEyBhKrJpClAsUdGfO',
    'ps_caching' => 'CacheMemcache',
    'ps_cache_enable' => false,
    'cookie_key' => 'Tz4mQv8cXj1LrW5nYb9KsHf2PgD7eUaOiZ3VtN6qMwEyBxRhJpClAsUdGfKo',
    'new_cookie_key' => 'def000001f3c7a9be5d2480c6f1e3a57b9d8c4e2f0a1b6',
  ),
);
