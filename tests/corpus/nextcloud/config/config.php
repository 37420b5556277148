<?php
$CONFIG = array (
  'instanceid' => 'ocx3f7k2m9qd',
  'passwordsalt' => 'u2Yk0zq9WmXb41sR7tVnC6pDhJ8eLf',
  'secret' => 'Zp8vN1xqL5tKcW3mYb7RjD0sFgH2aUe9QiOXzTnVlMwEyBrC',
  'trusted_domains' =>
  array (
    0 => 'localhost',
    1 => 'cloud.example.org',
  ),
  'datadirectory' => '/var/www/html/data',
  'dbtype' => 'mysql',
  'version' => '33.0.8.1',
  'overwrite.cli.url' => 'https://cloud.example.org',
  'dbname' => 'nextcloud',
  'dbhost' => 'db',
  'dbuser' => 'nextcloud',
  'dbpassword' => 'qT5rnc8wZx1v',
  'memcache.local' => '\\OC\\Memcache\\APCu',
  'memcache.locking' => '\\OC\\Memcache\\Redis',
  'redis' =>
  array (
    'host' => 'redis',
    'password' => 'f3d9Qe77LmzX2c',
    'port' => 6379,
  ),
  'loglevel' => 2,
  'maintenance' => false,
  'default_phone_region' => 'DE',
);
