<?php
return [
    'backend' => [
        'frontName' => 'admin_9xk2'
    ],
    'crypt' => [
        'key' => '7f0c2b61d9e84a3fb15c6e7a90d3f218'
    ],
    'db' => [
        'table_prefix' => '',
        'connection' => [
            'default' => [
                'host' => 'db',
                'dbname' => 'magento',
                'username' => 'magento',
                'password' => 'magento',
                'active' => '1'
            ]
        ]
    ],
    'x-frame-options' => 'SAMEORIGIN',
    'MAGE_MODE' => 'production',
    'session' => [
        'save' => 'redis',
        'redis' => ['host' => 'redis', 'port' => '6379', 'database' => '2']
    ],
    'queue' => [
        'amqp' => ['host' => 'rabbitmq', 'port' => '5672', 'user' => 'magento', 'password' => 'vT6!mQz0pLw2']
    ]
];
